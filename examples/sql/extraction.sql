-- Takes facts out of text: a function's parameters are a form that the model fills in. bin/spark-sql -f examples/sql/extraction.sql
SET spark.gptoss.model = demo;

CREATE OR REPLACE TEMP VIEW messages AS
SELECT * FROM VALUES
  (1, 'Is it sunny in Rome?'),
  (2, 'Weather in Tokyo?'),
  (3, 'How is the weather in Houston today?') AS t(id, body);

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
