package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.model.ModelConfig;

/**
 * Bytes of what a stage computes with, beside weights, keys and values: what {@link Stage}
 * allocates and {@link MemoryPlan} adds up, for steps of maxTokens, a rotary table of so many
 * positions and logitsRows at a time, and adapters of so large a rank, a multiple of 16, 0 where
 * there are none. P = tokens * expertsPerToken.
 */
record StageMemory(
    ModelConfig config, int maxTokens, int positions, int logitsRows, int adapterRank) {
  /** Slots of the smallest tile of an expert's pairs. */
  static final int LEAST_TILE_SLOTS = 8;

  /** Tables of the steps under way and how their rows are sampled, which grow with the work. */
  private static final long TABLE_BYTES = 16L << 20;

  private static final long TABLE_BYTES_PER_TOKEN = 64;

  /** [position][headDim / 2] cosine, sine. */
  long rope() {
    return (long) Float.BYTES * config.headDim() * positions;
  }

  /** [max(tokens, logitsRows), H]. */
  long normed() {
    return Activations.bytes(Math.max(maxTokens, logitsRows), config.hiddenSize());
  }

  /** [tokens, 2 * H]. */
  long splitNormed() {
    return Activations.bytes(maxTokens, 2 * config.hiddenSize());
  }

  /** [tokens, E]. */
  long routerLogits() {
    return (long) Float.BYTES * maxTokens * config.experts();
  }

  /** [P, H]. */
  long slots() {
    return Activations.bytes(maxTokens * config.expertsPerToken(), config.hiddenSize());
  }

  /** [P] of 32 bits: one of the stage's four arrays of pairs. */
  long pairs() {
    return (long) Integer.BYTES * maxTokens * config.expertsPerToken();
  }

  /** [E]. */
  long counts() {
    return (long) Integer.BYTES * config.experts();
  }

  /** [P / 8 + E + 1] int4. */
  long tiles() {
    long pairs = (long) maxTokens * config.expertsPerToken();
    return 4L * Integer.BYTES * (pairs / LEAST_TILE_SLOTS + config.experts() + 1);
  }

  /** [tokens]. */
  long sampled() {
    return (long) Integer.BYTES * maxTokens;
  }

  /** [tokens] of sample.cu's details. */
  long details() {
    return ChosenTokens.detailsBytes(maxTokens);
  }

  /** [max(3 tokens, P), rank] bfloat16: what adapters' first products give. */
  long low() {
    return 2L * maxTokens * Math.max(3, config.expertsPerToken()) * adapterRank;
  }

  /** What their second products give: [tokens, Q + 2 * KV], [P, 2 * I] or [P, H] float32. */
  long delta() {
    long attention = config.queryWidth() + 2L * config.kvWidth();
    long pair = Math.max(2L * config.intermediateSize(), config.hiddenSize());
    return Float.BYTES * maxTokens * Math.max(attention, config.expertsPerToken() * pair);
  }

  /** [P] int4. */
  long adapterTiles() {
    return 4 * pairs();
  }

  private long adapters() {
    return adapterRank == 0 ? 0 : low() + delta() + adapterTiles() + 2 * pairs() + 2 * counts();
  }

  /** The transformer's buffers: x, normed, q, attended, activated, outputs. */
  private long buffers() {
    int pairs = maxTokens * config.expertsPerToken();
    return (long) Float.BYTES * maxTokens * config.hiddenSize()
        + Activations.bytes(maxTokens, config.hiddenSize())
        + 2 * Activations.bytes(maxTokens, config.queryWidth())
        + Activations.bytes(pairs, config.intermediateSize())
        + Activations.bytes(pairs, config.hiddenSize());
  }

  /** All of it; the last stage has the logits, too. */
  long total(boolean last) {
    return rope()
        + normed()
        + splitNormed()
        + slots()
        + routerLogits()
        + 4 * pairs()
        + counts()
        + tiles()
        + Integer.BYTES
        + sampled()
        + details()
        + buffers()
        + adapters()
        + TABLE_BYTES
        + TABLE_BYTES_PER_TOKEN * maxTokens
        + (last ? (long) Float.BYTES * logitsRows * config.vocabSize() : 0);
  }
}
