package io.github.gptoss.engine.model;

import java.util.Collections;
import java.util.List;

/**
 * The sizes and constants of a gpt-oss model, checked when they were read: all counts are positive,
 * {@code heads % kvHeads == 0}, {@code headDim} is even, {@code expertsPerToken <= experts}.
 *
 * @param vocabSize rows of the embedding, V
 * @param hiddenSize width of the residual stream, H
 * @param intermediateSize width within an expert, I
 * @param headDim elements of one head's query, key and value
 * @param slidingWindow keys that a query of a WINDOW layer sees, itself included
 * @param attention one entry a layer
 * @param ropeTheta base of the rotary frequencies
 * @param swigluLimit bound of the expert activation's inputs: gate above, up on both sides
 * @param maxPositions tokens of context
 * @param eosTokenIds ids that end a text, ascending; empty where the checkpoint names none
 * @param padTokenId -1 where the checkpoint names none
 */
public record ModelConfig(
    int vocabSize,
    int hiddenSize,
    int intermediateSize,
    int layers,
    int heads,
    int kvHeads,
    int headDim,
    int experts,
    int expertsPerToken,
    int slidingWindow,
    List<AttentionKind> attention,
    float ropeTheta,
    RopeScaling rope,
    float rmsNormEps,
    float swigluLimit,
    int maxPositions,
    List<Integer> eosTokenIds,
    int padTokenId) {

  public ModelConfig {
    attention = List.copyOf(attention);
    eosTokenIds = List.copyOf(eosTokenIds);
    if (attention.size() != layers) {
      throw new IllegalArgumentException(
          attention.size() + " attention kinds for " + layers + " layers");
    }
  }

  /** How many layers attend in this way. */
  public int layersOf(AttentionKind kind) {
    return Collections.frequency(attention, kind);
  }

  /** Elements of one token's queries: {@code heads * headDim}. */
  public int queryWidth() {
    return heads * headDim;
  }

  /** Elements of one token's keys, and of its values: {@code kvHeads * headDim}. */
  public int kvWidth() {
    return kvHeads * headDim;
  }
}
