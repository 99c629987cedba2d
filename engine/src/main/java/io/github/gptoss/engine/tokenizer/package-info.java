/**
 * The o200k_harmony tokenizer: text to token ids and back. Internal to the engine; text never
 * yields special tokens, which only the Harmony renderer writes.
 */
package io.github.gptoss.engine.tokenizer;
