-- Completes what is new in a Delta table; run it as often as you like. bin/spark-sql -f examples/sql/incremental.sql
-- GptOssJob does the same for large tables, and goes on where it was killed.
SET spark.gptoss.model = demo;

CREATE TABLE IF NOT EXISTS delta.`/tmp/gptoss-example/questions` (id BIGINT, question STRING) USING delta;
INSERT INTO delta.`/tmp/gptoss-example/questions`
SELECT count(*) + 1, 'How much is ' || count(*) || ' + 2?' FROM delta.`/tmp/gptoss-example/questions`;

CREATE TABLE IF NOT EXISTS delta.`/tmp/gptoss-example/answers` (id BIGINT, question STRING, response STRING, error_message STRING) USING delta;

-- The join is below the generation: rows that are done are not generated again.
INSERT INTO delta.`/tmp/gptoss-example/answers`
SELECT id, question, answer.response, answer.error_message
FROM (
  SELECT *, gptoss_generate(question, reasoning_effort => 'low', max_tokens => 50) AS answer
  FROM delta.`/tmp/gptoss-example/questions` AS q
  WHERE NOT EXISTS (SELECT 1 FROM delta.`/tmp/gptoss-example/answers` AS done WHERE done.id = q.id));

SELECT * FROM delta.`/tmp/gptoss-example/answers` ORDER BY id;
