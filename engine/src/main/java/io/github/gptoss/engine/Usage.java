package io.github.gptoss.engine;

/**
 * Token counts of one request.
 *
 * @param outputTokens generated tokens, the stop token and forced tokens included
 * @param reasoningTokens those of {@code outputTokens} that are content of the analysis channel
 * @param cachedTokens those of {@code inputTokens} whose keys and values were shared with an
 *     earlier request instead of being computed
 */
public record Usage(int inputTokens, int outputTokens, int reasoningTokens, int cachedTokens) {
  public static final Usage NONE = new Usage(0, 0, 0, 0);

  public int totalTokens() {
    return inputTokens + outputTokens;
  }
}
