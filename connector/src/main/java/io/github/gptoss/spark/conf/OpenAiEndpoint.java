package io.github.gptoss.spark.conf;

/** The endpoints of OpenAI's API whose request bodies are read. */
public enum OpenAiEndpoint {
  CHAT_COMPLETIONS,
  RESPONSES
}
