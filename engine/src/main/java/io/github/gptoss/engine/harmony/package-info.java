/**
 * Harmony, the conversation format of the gpt-oss models: its data types, their JSON, rendering to
 * token ids and parsing of token ids. Names follow openai/harmony; so do results, token for token,
 * wherever that library gives one (version 0.0.8).
 */
package io.github.gptoss.engine.harmony;
