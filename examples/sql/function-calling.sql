-- A function call there and back: the model asks, a table has the answer, the model says it. bin/spark-sql -f examples/sql/function-calling.sql
SET spark.gptoss.model = demo;

CREATE OR REPLACE TEMP VIEW weather_tool AS
SELECT '[{"type": "function", "function": {"name": "get_weather", "description": "Gets the current weather for a city.",
  "parameters": {"type": "object", "properties": {"location": {"type": "string", "description": "The city"}},
  "required": ["location"]}}}]' AS tools;

CREATE OR REPLACE TEMP VIEW questions AS
SELECT * FROM VALUES (1, 'Is it sunny in Munich?'), (2, 'Weather in Prague?'), (3, 'How is the weather in Cairo today?') AS t(id, question);
CREATE OR REPLACE TEMP VIEW weather AS
SELECT * FROM VALUES ('Munich', 10, 'rainy'), ('Prague', 0, 'windy'), ('Cairo', 36, 'sunny') AS t(location, temperature, condition);

-- There: what the model calls, and with which arguments.
CACHE TABLE calls AS
SELECT id, question, tools, call, from_json(call.arguments, 'location STRING').location AS location
FROM (
  SELECT *, gptoss_generate(question, tools => tools, reasoning_effort => 'low', max_tokens => 100).tool_calls[0] AS call
  FROM questions CROSS JOIN weather_tool);

-- The function is a join. What it gives goes back as a message, behind the question and the call.
CREATE OR REPLACE TEMP VIEW conversations AS
SELECT id, question, tools, to_json(array(
  named_struct('role', 'user', 'content', question, 'tool_calls', NULL, 'tool_call_id', NULL),
  named_struct('role', 'assistant', 'content', NULL, 'tool_calls', array(named_struct(
    'id', call.id, 'type', 'function', 'function', named_struct('name', call.name, 'arguments', call.arguments))), 'tool_call_id', NULL),
  named_struct('role', 'tool', 'content', format_string('{"temperature": %d, "condition": "%s"}', temperature, condition), 'tool_calls', NULL,
    'tool_call_id', call.id))) AS messages
FROM calls JOIN weather USING (location);

-- And back: the answer in words.
SELECT id, question, answer.response, answer.error_message
FROM (SELECT *, gptoss_chat(messages, tools => tools, reasoning_effort => 'low', max_tokens => 100) AS answer FROM conversations)
ORDER BY id;
