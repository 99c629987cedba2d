package io.github.gptoss.engine;

/**
 * What an open engine runs.
 *
 * @param model path of the checkpoint
 * @param fingerprint hash of the checkpoint's headers and configuration, hexadecimal
 * @param backend for instance {@code cpu: Vector API 512 bit, 2 threads}
 * @param maxModelLen tokens of prompt and completion that one request may hold
 * @param vocabSize number of token ids
 * @param harmony whether the vocabulary is o200k_harmony's, so that text can go in and come out
 * @param loadNanos time it took to open
 */
public record EngineInfo(
    String model,
    String fingerprint,
    String backend,
    int maxModelLen,
    int vocabSize,
    boolean harmony,
    long loadNanos) {}
