package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.weights.Checkpoint;
import io.github.gptoss.engine.weights.ExpertFormat;

/**
 * Bytes of device memory that a model's weights take in fragment order. Experts, attention and
 * router are one layer's expert matrices, projections with sinks, and router with norms, all with
 * their biases; the unembedding has the final norm. Adapters are those that are loaded with it.
 */
record WeightBytes(
    int layers,
    long experts,
    long attention,
    long router,
    long embedding,
    long unembedding,
    AdapterBytes adapters) {

  static WeightBytes of(Checkpoint checkpoint) {
    return of(checkpoint.config(), checkpoint.expertFormat());
  }

  static WeightBytes of(ModelConfig config, ExpertFormat format) {
    int hidden = config.hiddenSize();
    int qkvRows = config.queryWidth() + 2 * config.kvWidth();
    long attention =
        dense(qkvRows, hidden)
            + dense(hidden, config.queryWidth())
            + 4L * (qkvRows + hidden + config.heads());
    long router = dense(config.experts(), 2 * hidden) + 4L * (config.experts() + 2 * hidden);
    long experts =
        config.experts()
            * (expert(2 * config.intermediateSize(), hidden, format)
                + expert(hidden, config.intermediateSize(), format)
                + 4L * (2 * config.intermediateSize() + hidden));
    return new WeightBytes(
        config.layers(),
        experts,
        attention,
        router,
        2L * config.vocabSize() * hidden,
        dense(config.vocabSize(), hidden) + 4L * hidden,
        AdapterBytes.none(config.layers()));
  }

  WeightBytes with(AdapterBytes others) {
    return new WeightBytes(layers, experts, attention, router, embedding, unembedding, others);
  }

  private static long dense(int rows, int width) {
    return Fragments.tiles(rows, width) * Fragments.BF16_TILE_BYTES;
  }

  private static long expert(int rows, int width, ExpertFormat format) {
    return format == ExpertFormat.MXFP4
        ? Fragments.tiles(rows, width) * (Fragments.CODE_TILE_BYTES + Fragments.SCALE_TILE_BYTES)
        : dense(rows, width);
  }

  /** One layer. */
  long layer() {
    return experts + attention + router;
  }

  long total() {
    return layer() * layers + embedding + unembedding;
  }
}
