package io.github.gptoss.engine;

import io.github.gptoss.engine.error.InvalidModelException;
import io.github.gptoss.engine.tokenizer.Tokenizer;
import java.util.Map;

/**
 * What an open engine runs.
 *
 * @param fingerprint hash of the checkpoint's headers and configuration, hexadecimal
 * @param backend for instance {@code cpu: Vector API 512 bit, 2 threads}
 * @param maxModelLen tokens of prompt and completion that one request may hold
 * @param adapters fingerprints of the loaded LoRA adapters, by name: hashes of all their bytes
 * @param harmony whether the vocabulary is o200k_harmony's, so that text can go in and come out
 */
public record EngineInfo(
    String model,
    String fingerprint,
    String backend,
    int maxModelLen,
    int vocabSize,
    boolean harmony,
    Map<String, String> adapters,
    long loadNanos) {

  /** Throws {@link InvalidModelException} if the vocabulary is another one than text needs. */
  public void requireHarmony() {
    requireHarmony(model, vocabSize);
  }

  static void requireHarmony(String model, int vocabSize) {
    if (vocabSize != Tokenizer.VOCABULARY_SIZE) {
      throw new InvalidModelException(
          ("%s/config.json: vocab_size is %s, and text needs the o200k_harmony vocabulary of %s ids:"
                  + " give a gpt-oss checkpoint")
              .formatted(model, vocabSize, Tokenizer.VOCABULARY_SIZE));
    }
  }
}
