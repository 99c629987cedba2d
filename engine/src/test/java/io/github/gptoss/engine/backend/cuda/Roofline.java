package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.model.AttentionKind;
import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.weights.ExpertFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the operations of one step have to move and to multiply at least, all layers together. */
final class Roofline {
  /**
   * Of one operation.
   *
   * @param bytes that cross the device's memory bus if everything is read and written once
   * @param flops two for each multiplication and addition
   */
  record Cost(double bytes, double flops) {
    /**
     * Seconds that a device needs.
     *
     * @param flopsPerSecond NaN where not known; then memory alone counts
     */
    double seconds(double bytesPerSecond, double flopsPerSecond) {
      double memory = bytes / bytesPerSecond;
      return Double.isNaN(flopsPerSecond) ? memory : Math.max(memory, flops / flopsPerSecond);
    }
  }

  private final ModelConfig config;
  private final WeightBytes weights;

  Roofline(ModelConfig config, ExpertFormat format) {
    this.config = config;
    this.weights = WeightBytes.of(config, format);
  }

  /** Experts of a layer that at least one of so many tokens chooses, were all as likely. */
  double expertsMet(int tokens) {
    double missed = 1 - (double) config.expertsPerToken() / config.experts();
    return config.experts() * (1 - Math.pow(missed, tokens));
  }

  /**
   * Costs by operation.
   *
   * @param sequences of the step
   * @param each tokens of a sequence
   * @param position of the first of them
   */
  Map<String, Cost> step(int sequences, int each, int position) {
    double layers = config.layers();
    double tokens = (double) sequences * each;
    double pairs = tokens * config.expertsPerToken();
    double hidden = config.hiddenSize();
    double inner = config.intermediateSize();
    double query = config.queryWidth();
    double qkvRows = query + 2.0 * config.kvWidth();
    double experts = weights.experts() / (double) config.experts() * expertsMet((int) tokens);
    double upShare = 2 / 3.0; // gate and up are two of an expert's three matrices
    double attention = weights.attention();
    double outputShare = query / (query + qkvRows);
    Map<String, Cost> costs = new LinkedHashMap<>();
    costs.put("embed", new Cost(tokens * hidden * 6, 0));
    costs.put(
        "qkv",
        new Cost(
            layers * ((1 - outputShare) * attention + tokens * (4 * hidden + 2 * qkvRows)),
            layers * 2 * tokens * hidden * qkvRows));
    costs.put("attention", attention(sequences, each, position));
    costs.put(
        "attention output",
        new Cost(
            layers * (outputShare * attention + tokens * (2 * query + 8 * hidden)),
            layers * 2 * tokens * hidden * query));
    costs.put(
        "route",
        new Cost(
            layers * (weights.router() + tokens * 6 * hidden),
            layers * 4 * tokens * hidden * config.experts()));
    costs.put(
        "experts up",
        new Cost(
            layers * (upShare * experts + tokens * 2 * hidden + pairs * 2 * inner),
            layers * 4 * pairs * hidden * inner));
    costs.put(
        "experts down",
        new Cost(
            layers * ((1 - upShare) * experts + pairs * 2 * (inner + hidden)),
            layers * 2 * pairs * hidden * inner));
    costs.put("combine", new Cost(layers * (pairs * 2 + tokens * 8) * hidden, 0));
    double vocab = config.vocabSize();
    costs.put(
        "unembed",
        new Cost(
            weights.unembedding() + sequences * 4 * (hidden + vocab),
            2.0 * sequences * hidden * vocab));
    costs.put("sample", new Cost(sequences * 4 * vocab, 0));
    return costs;
  }

  private Cost attention(int sequences, int each, int position) {
    double bytes = 0;
    double flops = 0;
    for (AttentionKind kind : config.attention()) {
      int window = kind == AttentionKind.WINDOW ? config.slidingWindow() : Integer.MAX_VALUE;
      double seen = 0;
      for (int t = 0; t < each; t++) {
        seen += Math.min(window, position + t + 1);
      }
      // Keys and values that any token of the sequence sees are read once, and so are those that
      // were cached before.
      double cached = Math.min((double) window + each - 1, position + each);
      bytes += sequences * (cached * 4 * config.kvWidth() + 4.0 * each * config.queryWidth());
      flops += 4 * sequences * seen * config.queryWidth();
    }
    return new Cost(bytes, flops);
  }
}
