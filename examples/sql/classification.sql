-- Routes support tickets: answers that fit a schema, as typed columns. bin/spark-sql -f examples/sql/classification.sql
-- demo is the model that is shipped; a folder, hf:// or s3a:// address of a gpt-oss checkpoint goes in its place.
SET spark.gptoss.model = demo;

CREATE OR REPLACE TEMP VIEW tickets AS
SELECT * FROM VALUES
  (1, 'I forgot my password? Fix this immediately.'),
  (2, 'Why was my card charged 7 dollars. I need this today.'),
  (3, 'The courier left order 7432 at the wrong address. No rush.'),
  (4, CAST(NULL AS STRING)) AS t(id, body);

-- A view is computed whenever it is read, and so are its completions: write them to a table, or cache them, and read that.
CACHE TABLE routed AS
SELECT id, body, answer.parsed.*, answer.error_code
FROM (
  SELECT *, gptoss_generate(
    body,
    developer_prompt => 'Route the support ticket.',
    response_format => '{"type": "json_schema", "json_schema": {"name": "ticket", "schema": {"type": "object", "properties": {
      "category": {"type": "string", "enum": ["billing", "shipping", "account", "technical", "refund"]},
      "urgency": {"type": "string", "enum": ["low", "normal", "high"]}}, "required": ["category", "urgency"]}}}',
    reasoning_effort => 'low',
    max_tokens => 100) AS answer
  FROM tickets);

SELECT id, category, urgency, error_code FROM routed ORDER BY id;

-- A row without a category says why.
SELECT coalesce(category, error_code) AS category, count(*) AS tickets FROM routed GROUP BY ALL ORDER BY ALL;
