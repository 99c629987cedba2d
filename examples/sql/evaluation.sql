-- Which reasoning effort is right how often, and what it costs. bin/spark-sql -f examples/sql/evaluation.sql
SET spark.gptoss.model = demo;

CREATE OR REPLACE TEMP VIEW questions AS
SELECT * FROM VALUES
  ('How much is 10 - 3?', '7'), ('What is 12 plus 8?', '20'), ('Compute 26 - 17.', '9'), ('How much is 14 + 7?', '21'),
  ('What is the capital of Mexico?', 'Mexico City'), ('Capital of Peru?', 'Lima'), ('Name the capital of Belgium.', 'Brussels') AS t(question, gold);

-- Every row has parameters of its own: all efforts are one batch.
CACHE TABLE graded AS
SELECT effort, question, gold, answer.response, answer.response = gold AS is_right, answer.usage.output_tokens, answer.error_code
FROM (
  SELECT *, gptoss_generate(question, reasoning_effort => effort, max_tokens => 100) AS answer
  FROM questions CROSS JOIN (VALUES ('low'), ('medium'), ('high') AS e(effort)));

SELECT effort, count_if(is_right) AS is_right, count(*) AS questions, round(avg(output_tokens), 1) AS tokens_each, count(error_code) AS errors
FROM graded GROUP BY effort ORDER BY tokens_each;

-- Those to look at.
SELECT effort, question, gold, response FROM graded WHERE NOT coalesce(is_right, false) ORDER BY question, effort;
