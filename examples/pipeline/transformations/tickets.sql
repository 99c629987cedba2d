CREATE MATERIALIZED VIEW tickets AS
SELECT * FROM VALUES
  (1, 'I forgot my password? Fix this immediately.'),
  (2, 'Why was my card charged 7 dollars. I need this today.'),
  (3, 'The courier left order 7432 at the wrong address. No rush.') AS t(id, body);

-- A run of the pipeline generates each answer once, and what reads the view reads what was written.
CREATE MATERIALIZED VIEW routed AS
SELECT id, body, answer.parsed.*, answer.error_code
FROM (
  SELECT *, gptoss_generate(
    body,
    developer_prompt => 'Route the support ticket.',
    response_format => '{"type": "json_schema", "json_schema": {"name": "ticket", "schema": {"type": "object", "properties": {
      "category": {"type": "string", "enum": ["billing", "shipping", "account", "technical", "refund"]},
      "urgency": {"type": "string", "enum": ["low", "normal", "high"]}}, "required": ["category", "urgency"]}}}',
    reasoning_effort => 'low') AS answer
  FROM tickets);
