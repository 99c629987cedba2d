-- What a cascade costs and how often it is right, beside one effort for all rows. From the project's folder, after bin/quickstart:
-- bin/spark-sql -f benchmarks/cascade.sql
SET spark.gptoss.model=demo;
SET spark.gptoss.developer_prompt=Route the support ticket.;
SET spark.gptoss.response_format={"type": "json_schema", "json_schema": {"name": "ticket", "schema": {"type": "object", "properties": {"category": {"type": "string", "enum": ["billing", "shipping", "account", "technical", "refund"]}, "urgency": {"type": "string", "enum": ["low", "normal", "high"]}}, "required": ["category", "urgency"]}}};
SET spark.gptoss.choice_probabilities=["category", "urgency"];

CREATE OR REPLACE TEMP VIEW tickets AS
SELECT id, question AS body, expected FROM json.`examples/data/demo-prompts.jsonl` WHERE task = 'ticket';

CACHE TABLE graded AS
SELECT way, answer.reasoning_effort AS effort, answer.confidence, answer.usage.output_tokens AS tokens, to_json(answer.parsed) = expected AS is_right
FROM (
  SELECT 'low' AS way, *, gptoss_generate(body, reasoning_effort => 'low') AS answer FROM tickets UNION ALL
  SELECT 'high' AS way, *, gptoss_generate(body, reasoning_effort => 'high') AS answer FROM tickets UNION ALL
  SELECT 'cascade' AS way, *, gptoss_generate(body, reasoning_effort => 'low', min_confidence => 0.9) AS answer FROM tickets);

-- All attempts of a row count.
SELECT way, count(*) AS tickets, count_if(is_right) AS is_right, sum(tokens) AS tokens, count_if(effort = 'low') AS low,
  count_if(effort = 'medium') AS medium, count_if(effort = 'high') AS high
FROM graded GROUP BY way ORDER BY tokens;

-- Whether the sure answers are right more often.
SELECT way, floor(confidence * 10) / 10 AS confidence, count(*) AS tickets, count_if(is_right) AS is_right
FROM graded GROUP BY way, floor(confidence * 10) ORDER BY way, confidence;
