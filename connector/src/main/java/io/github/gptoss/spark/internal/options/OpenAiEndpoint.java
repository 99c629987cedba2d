package io.github.gptoss.spark.internal.options;

/** The endpoints of OpenAI's API whose request bodies are read. */
public enum OpenAiEndpoint {
  CHAT_COMPLETIONS,
  RESPONSES
}
