-- A function call there and back: the model asks, a table has the answer, the model says it. bin/spark-sql -f examples/sql/function-calling.sql
SET spark.gptoss.model = demo;

CREATE OR REPLACE TEMP VIEW questions AS
SELECT * FROM VALUES (1, 'Is it sunny in Munich?'), (2, 'Weather in Prague?'), (3, 'How is the weather in Cairo today?') AS t(id, question);
CREATE OR REPLACE TEMP VIEW weather AS
SELECT * FROM VALUES ('Munich', 10, 'rainy'), ('Prague', 0, 'windy'), ('Cairo', 36, 'sunny') AS t(location, temperature, condition);

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
