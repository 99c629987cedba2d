-- Databricks notebook source
-- MAGIC %md
-- MAGIC # gpt-oss in SQL
-- MAGIC
-- MAGIC For a cluster made as `conf/databricks/cluster.json` says: dedicated access mode, the connector copied by `init.sh`. `demo` is the small
-- MAGIC model that is shipped, which knows arithmetic, capitals, tickets and weather; put a checkpoint's address in its place, for instance
-- MAGIC `/Volumes/main/gptoss/models/gpt-oss-20b`.

-- COMMAND ----------

SET spark.gptoss.model = demo;

-- COMMAND ----------

-- MAGIC %md
-- MAGIC ## Extraction
-- MAGIC A function's parameters are a form that the model fills in. Nothing runs the function: its arguments are what is wanted.

-- COMMAND ----------

CREATE OR REPLACE TEMP VIEW messages AS
SELECT * FROM VALUES
  (1, 'Is it sunny in Rome?'),
  (2, 'Weather in Tokyo?'),
  (3, 'How is the weather in Houston today?') AS t(id, body);

-- COMMAND ----------

-- Nothing runs the function: its arguments are what is wanted.
SELECT id, body, from_json(call.arguments, 'location STRING').location AS city, call.name AS form
FROM (
  SELECT *, gptoss_generate(
    body,
    tools => '[{"type": "function", "function": {"name": "get_weather", "description": "Gets the current weather for a city.",
      "parameters": {"type": "object", "properties": {"location": {"type": "string", "description": "The city"}},
      "required": ["location"]}}}]',
    reasoning_effort => 'low',
    max_tokens => 100).tool_calls[0] AS call
  FROM messages)
ORDER BY id;

-- COMMAND ----------

-- MAGIC %md
-- MAGIC ## Classification with JSON
-- MAGIC Routes support tickets: answers that fit a schema, as typed columns.

-- COMMAND ----------

CREATE OR REPLACE TEMP VIEW tickets AS
SELECT * FROM VALUES
  (1, 'I forgot my password? Fix this immediately.'),
  (2, 'Why was my card charged 7 dollars. I need this today.'),
  (3, 'The courier left order 7432 at the wrong address. No rush.'),
  (4, CAST(NULL AS STRING)) AS t(id, body);

-- COMMAND ----------

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

-- COMMAND ----------

SELECT id, category, urgency, error_code FROM routed ORDER BY id;

-- COMMAND ----------

-- A row without a category says why.
SELECT coalesce(category, error_code) AS category, count(*) AS tickets FROM routed GROUP BY ALL ORDER BY ALL;

-- COMMAND ----------

-- MAGIC %md
-- MAGIC ## Function calling
-- MAGIC There and back: the model asks, a table has the answer, the model says it.

-- COMMAND ----------

CREATE OR REPLACE TEMP VIEW questions AS
SELECT * FROM VALUES (1, 'Is it sunny in Munich?'), (2, 'Weather in Prague?'), (3, 'How is the weather in Cairo today?') AS t(id, question);

-- COMMAND ----------

CREATE OR REPLACE TEMP VIEW weather AS
SELECT * FROM VALUES ('Munich', 10, 'rainy'), ('Prague', 0, 'windy'), ('Cairo', 36, 'sunny') AS t(location, temperature, condition);

-- COMMAND ----------

-- tools tells the model of the function, tool_lookup says which table answers it.
SELECT id, question, answer.tool_calls[0].arguments, answer.tool_calls[0].result, answer.response, answer.error_message
FROM (
  SELECT *, gptoss_generate(question, reasoning_effort => 'low', max_tokens => 100,
    tool_lookup => '{"get_weather": {"table": "weather", "key": "location"}}',
    tools => '[{"type": "function", "function": {"name": "get_weather", "description": "Gets the current weather for a city.",
      "parameters": {"type": "object", "properties": {"location": {"type": "string", "description": "The city"}},
      "required": ["location"]}}}]') AS answer
  FROM questions)
ORDER BY id;

-- COMMAND ----------

-- MAGIC %md
-- MAGIC ## Evaluation
-- MAGIC Which reasoning effort is right how often against a gold column, and what it costs.

-- COMMAND ----------

CREATE OR REPLACE TEMP VIEW questions AS
SELECT * FROM VALUES
  ('How much is 10 - 3?', '7'), ('What is 12 plus 8?', '20'), ('Compute 26 - 17.', '9'), ('How much is 14 + 7?', '21'),
  ('What is the capital of Mexico?', 'Mexico City'), ('Capital of Peru?', 'Lima'), ('Name the capital of Belgium.', 'Brussels') AS t(question, gold);

-- COMMAND ----------

-- Every row has parameters of its own: all efforts are one batch.
CACHE TABLE graded AS
SELECT effort, question, gold, answer.response, answer.response = gold AS is_right, answer.usage.output_tokens, answer.error_code
FROM (
  SELECT *, gptoss_generate(question, reasoning_effort => effort, max_tokens => 100) AS answer
  FROM questions CROSS JOIN (VALUES ('low'), ('medium'), ('high') AS e(effort)));

-- COMMAND ----------

SELECT effort, count_if(is_right) AS is_right, count(*) AS questions, round(avg(output_tokens), 1) AS tokens_each, count(error_code) AS errors
FROM graded GROUP BY effort ORDER BY tokens_each;

-- COMMAND ----------

-- Those to look at.
SELECT effort, question, gold, response FROM graded WHERE NOT coalesce(is_right, false) ORDER BY question, effort;

-- COMMAND ----------

-- MAGIC %md
-- MAGIC ## Incremental completion
-- MAGIC Completes what is new in a Delta table; run it as often as you like.

-- COMMAND ----------

CREATE TABLE IF NOT EXISTS delta.`/tmp/gptoss-example/questions` (id BIGINT, question STRING) USING delta;

-- COMMAND ----------

INSERT INTO delta.`/tmp/gptoss-example/questions`
SELECT count(*) + 1, 'How much is ' || count(*) || ' + 2?' FROM delta.`/tmp/gptoss-example/questions`;

-- COMMAND ----------

CREATE TABLE IF NOT EXISTS delta.`/tmp/gptoss-example/answers` (id BIGINT, question STRING, response STRING, error_message STRING) USING delta;

-- COMMAND ----------

-- The join is below the generation: rows that are done are not generated again.
INSERT INTO delta.`/tmp/gptoss-example/answers`
SELECT id, question, answer.response, answer.error_message
FROM (
  SELECT *, gptoss_generate(question, reasoning_effort => 'low', max_tokens => 50) AS answer
  FROM delta.`/tmp/gptoss-example/questions` AS q
  WHERE NOT EXISTS (SELECT 1 FROM delta.`/tmp/gptoss-example/answers` AS done WHERE done.id = q.id));

-- COMMAND ----------

SELECT * FROM delta.`/tmp/gptoss-example/answers` ORDER BY id;
