package io.github.gptoss.engine.backend;

/**
 * The fused, batched operations of gpt-oss on one device. T, S and R are those of the step given to
 * {@link #begin}; H = hiddenSize, Q = heads * headDim, I = intermediateSize, K = expertsPerToken, V
 * = vocabSize.
 *
 * <p>A backend is batch-invariant: what it computes for a row is bit-identical whatever other rows
 * the step has, however a prompt is cut into steps, and whatever blocks hold its keys and values.
 *
 * <p>Where a sequence of the step has an adapter, {@link #qkv}, {@link #attentionOutput}, {@link
 * #expertsUp} and {@link #expertsDown} add its low-rank products to those of the base weights.
 *
 * <p>Not thread-safe: one thread drives a model. Operations may run asynchronously; {@link
 * SampledTokens#await} and {@link #read} wait for what they need.
 */
public interface Operations {
  /** A buffer for activations that lives as long as the model. */
  Buffer buffer(int rows, int width);

  /** A buffer for the residual stream, [rows, H], that lives as long as the model. */
  Buffer stream(int rows);

  /** A buffer for logits, [rows, V] float32, that lives as long as the model. */
  Buffer logits(int rows);

  /** Makes a step current; its arrays must not change until {@link #sampled} or the next begin. */
  void begin(Step step);

  /** x [T, H] = embedding of the step's tokens. */
  void embed(Buffer x);

  /**
   * RMSNorm of x [T, H], query, key and value projections with bias, rotary embedding: queries go
   * to q [T, Q], keys and values to the layer's KV blocks.
   */
  void qkv(int layer, Buffer x, Buffer q);

  /**
   * attended [T, Q] = attention of q over the layer's cached keys and values, causal, within the
   * sliding window where the layer has one, the head's sink in the softmax's denominator.
   */
  void attention(int layer, Buffer q, Buffer attended);

  /** x [T, H] += output projection of attended [T, Q], with bias. */
  void attentionOutput(int layer, Buffer attended, Buffer x);

  /**
   * normed [T, H] = RMSNorm of x; chooses each row's K experts (largest router logits, ties to the
   * lowest expert) with softmax weights over those K, and groups the T * K pairs by expert for the
   * following three operations.
   */
  void route(int layer, Buffer x, Buffer normed);

  /** activated [T * K, I] = clamped SwiGLU of each pair's gate and up projection, with bias. */
  void expertsUp(int layer, Buffer normed, Buffer activated);

  /** outputs [T * K, H] = each pair's down projection, with bias. */
  void expertsDown(int layer, Buffer activated, Buffer outputs);

  /** x [T, H] += each row's K outputs, weighted, summed in order of falling router logit. */
  void combine(int layer, Buffer outputs, Buffer x);

  /**
   * logits [count, V] = unembedding of the final norm of the rows logitsRows[from .. from + count)
   * of x [T, H]; count is at most {@link LoadedModel#logitsRows}.
   */
  void unembed(Buffer x, int from, int count, Buffer logits);

  /** normed [T, H] = final norm of x. */
  void finalNorm(Buffer x, Buffer normed);

  /**
   * Chooses a token for each of the first {@code count} rows of logits, which are the step's logits
   * rows [from .. from + count), as these entries of rows say. May return before they are chosen.
   */
  void sample(Buffer logits, int from, int count, SampleRow[] rows);

  /** What {@link #sample} chooses for all R logits rows; asked for after the step's last call. */
  SampledTokens sampled();

  /**
   * How many steps may be begun while the tokens of an older one have not been waited for. 0 where
   * steps are computed as they are called. 1 where a device is kept busy by one more step, whose
   * token ids may name the rows that they come from, as {@link Step} says. More where as many
   * devices compute one after another, and steps of other sequences keep them all busy.
   */
  default int stepsAhead() {
    return 0;
  }

  /** Copies one row of a buffer to the host, [width] float32. */
  void read(Buffer buffer, int row, float[] out, int outOffset);
}
