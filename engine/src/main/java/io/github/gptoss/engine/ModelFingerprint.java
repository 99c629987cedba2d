package io.github.gptoss.engine;

import io.github.gptoss.engine.lora.LoraAdapter;
import io.github.gptoss.engine.weights.Checkpoint;
import io.github.gptoss.engine.weights.Models;

/**
 * Tells models apart: equal for copies of a checkpoint on any machine and at any path, different
 * where configuration, tokenizer, tensors or their places in the files differ.
 *
 * <p>It hashes config.json, generation_config.json, tokenizer.json and tokenizer_config.json (where
 * they are there), every safetensors file's name, size and header (names, dtypes, shapes and
 * offsets of all tensors), and up to 8 KiB from the middle of each tensor, so that two trainings of
 * one architecture differ. It does not see the other bytes of the weights: a change that spares all
 * samples, such as one flipped bit, goes unnoticed. A copy that leaves the tokenizer's files out is
 * another model to it.
 */
public final class ModelFingerprint {
  private ModelFingerprint() {}

  /**
   * The fingerprint, SHA-256 in 64 hexadecimal digits, that {@link EngineInfo#fingerprint} shows of
   * an engine with this model. Reads some megabytes, whatever the checkpoint's size; fails if it is
   * unusable.
   */
  public static String of(String model) {
    try (Checkpoint checkpoint = Checkpoint.open(Models.resolve(model))) {
      return checkpoint.fingerprint();
    }
  }

  /**
   * The fingerprint, SHA-256 in 64 hexadecimal digits, of the LoRA adapter in a folder, which
   * {@link EngineInfo#adapters} shows of an engine that has loaded it. Reads all of the adapter,
   * and does not check that it is usable; fails if there is none.
   */
  public static String ofAdapter(String adapter) {
    return LoraAdapter.fingerprint(Models.resolve(adapter));
  }
}
