package io.github.gptoss.engine.transformer;

import io.github.gptoss.engine.backend.Buffer;
import io.github.gptoss.engine.backend.Operations;
import io.github.gptoss.engine.backend.SampleRow;
import io.github.gptoss.engine.backend.SampledTokens;
import io.github.gptoss.engine.backend.Step;
import io.github.gptoss.engine.model.ModelConfig;

/**
 * The forward pass of gpt-oss over one step's tokens. T = tokens of the step, H = hiddenSize, Q =
 * heads * headDim, I = intermediateSize, K = expertsPerToken, V = vocabSize. Source:
 * gpt_oss/torch/model.py.
 */
public final class Transformer {
  private final Operations ops;
  private final int layers;
  private final int logitsRows;

  private final Buffer x; // [T, H], the residual stream
  private final Buffer normed; // [T, H]
  private final Buffer q; // [T, Q]
  private final Buffer attended; // [T, Q]
  private final Buffer activated; // [T * K, I]
  private final Buffer outputs; // [T * K, H]
  private final Buffer logits; // [logitsRows, V]

  /** Looks at the residual stream on its way. */
  @FunctionalInterface
  public interface HiddenObserver {
    /**
     * Looks at hidden [T, H]: at index 0 the embedding, at l in [1, layers) the stream after layer
     * l, at {@code layers} the stream after the last layer and the final norm.
     */
    void onHidden(int index, Buffer hidden);
  }

  /** Takes steps of at most maxTokens, and computes so many logits rows at a time. */
  public Transformer(Operations ops, ModelConfig config, int maxTokens, int logitsRows) {
    this.ops = ops;
    this.layers = config.layers();
    this.logitsRows = logitsRows;
    int pairs = Math.multiplyExact(maxTokens, config.expertsPerToken());
    x = ops.stream(maxTokens);
    normed = ops.buffer(maxTokens, config.hiddenSize());
    q = ops.buffer(maxTokens, config.queryWidth());
    attended = ops.buffer(maxTokens, config.queryWidth());
    activated = ops.buffer(pairs, config.intermediateSize());
    outputs = ops.buffer(pairs, config.hiddenSize());
    logits = ops.logits(logitsRows);
  }

  /** Computes the residual stream of a step, and its keys and values into the cache. */
  public void forward(Step step) {
    forward(step, null);
  }

  /** {@link #forward(Step)}, watched unless the observer is null. */
  public void forward(Step step, HiddenObserver observer) {
    ops.begin(step);
    ops.embed(x);
    for (int layer = 0; layer < layers; layer++) {
      if (observer != null) {
        observer.onHidden(layer, x);
      }
      ops.qkv(layer, x, q);
      ops.attention(layer, q, attended);
      ops.attentionOutput(layer, attended, x);
      ops.route(layer, x, normed);
      ops.expertsUp(layer, normed, activated);
      ops.expertsDown(layer, activated, outputs);
      ops.combine(layer, outputs, x);
    }
    if (observer != null) {
      ops.finalNorm(x, normed);
      observer.onHidden(layers, normed);
    }
  }

  /** Receives one logits row. */
  @FunctionalInterface
  public interface LogitsConsumer {
    /** Takes the logits [V] of a row in [0, R); the next row overwrites them. */
    void accept(int index, float[] logits);
  }

  /** Hands out the logits of the step that was computed last. */
  public void logits(Step step, LogitsConsumer consumer) {
    float[] row = new float[logits.width()];
    for (int from = 0; from < step.logitsCount(); from += logitsRows) {
      int count = Math.min(logitsRows, step.logitsCount() - from);
      ops.unembed(x, from, count, logits);
      for (int i = 0; i < count; i++) {
        ops.read(logits, i, row, 0);
        consumer.accept(from + i, row);
      }
    }
  }

  /** Chooses the next token of each of the R logits rows of the step that was computed last. */
  public SampledTokens sample(Step step, SampleRow[] rows) {
    for (int from = 0; from < step.logitsCount(); from += logitsRows) {
      int count = Math.min(logitsRows, step.logitsCount() - from);
      ops.unembed(x, from, count, logits);
      ops.sample(logits, from, count, rows);
    }
    return ops.sampled();
  }

  /** See {@link Operations#stepsAhead}. */
  public int stepsAhead() {
    return ops.stepsAhead();
  }

  /** Copies a row of a buffer that an observer was given, [width] float32. */
  public void read(Buffer buffer, int row, float[] out) {
    ops.read(buffer, row, out, 0);
  }
}
