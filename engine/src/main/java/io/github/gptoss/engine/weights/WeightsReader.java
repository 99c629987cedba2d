package io.github.gptoss.engine.weights;

import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.tensor.StoredTensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Assembles the typed view of a checkpoint: which tensor is which, in which shape. */
final class WeightsReader {
  private static final Dim BLOCK_BYTES = new Dim("16", Mxfp4Experts.BLOCK_BYTES);

  private final TensorCatalog catalog;
  private final ModelConfig config;
  private final Path configFile;
  private final ExpertFormat format;
  private final Dim vocab;
  private final Dim hidden;
  private final Dim intermediate;
  private final Dim doubled;
  private final Dim heads;
  private final Dim query;
  private final Dim kv;
  private final Dim experts;

  WeightsReader(TensorCatalog catalog, ModelConfig config, Path configFile, boolean mxfp4) {
    this.catalog = catalog;
    this.config = config;
    this.configFile = configFile;
    vocab = new Dim("vocab", config.vocabSize());
    hidden = new Dim("hidden", config.hiddenSize());
    intermediate = new Dim("intermediate", config.intermediateSize());
    doubled = new Dim("2*intermediate", 2L * config.intermediateSize());
    heads = new Dim("heads", config.heads());
    query = new Dim("heads*head_dim", config.queryWidth());
    kv = new Dim("kv_heads*head_dim", config.kvWidth());
    experts = new Dim("experts", config.experts());
    format = format(mxfp4);
  }

  /** What the first expert matrix is; the configuration decides only where there is none. */
  private ExpertFormat format(boolean mxfp4) {
    for (int n = 0; n < config.layers(); n++) {
      if (hasAny(n, TensorRole.GATE_UP_BLOCKS, TensorRole.GATE_UP_SCALES)) {
        return ExpertFormat.MXFP4;
      }
      if (hasAny(n, TensorRole.GATE_UP_DENSE)) {
        return ExpertFormat.DENSE;
      }
      if (hasAny(n, TensorRole.DOWN_BLOCKS, TensorRole.DOWN_SCALES)) {
        return ExpertFormat.MXFP4;
      }
      if (hasAny(n, TensorRole.DOWN_DENSE)) {
        return ExpertFormat.DENSE;
      }
    }
    return mxfp4 ? ExpertFormat.MXFP4 : ExpertFormat.DENSE;
  }

  private boolean hasAny(int n, TensorRole... roles) {
    return Arrays.stream(roles).anyMatch(role -> catalog.has(role, n));
  }

  ExpertFormat format() {
    return format;
  }

  StoredTensor embedding() {
    return catalog.floating(TensorRole.EMBEDDING, 0, vocab, hidden);
  }

  StoredTensor unembedding() {
    return catalog.floating(TensorRole.UNEMBEDDING, 0, vocab, hidden);
  }

  StoredTensor finalNorm() {
    return catalog.floating(TensorRole.FINAL_NORM, 0, hidden);
  }

  List<LayerWeights> layers() {
    int shown = catalog.layers();
    if (shown != config.layers()) {
      throw CheckpointErrors.layers(configFile, config.layers(), shown);
    }
    if (format == ExpertFormat.MXFP4) {
      checkBlocks("hidden_size", config.hiddenSize());
      checkBlocks("intermediate_size", config.intermediateSize());
    }
    return IntStream.range(0, shown).mapToObj(this::layer).toList();
  }

  private void checkBlocks(String key, int size) {
    if (size % Mxfp4Experts.BLOCK_ELEMENTS != 0) {
      throw CheckpointErrors.notInBlocks(configFile, key, size);
    }
  }

  private LayerWeights layer(int n) {
    Projections qkv = catalog.naming().has(TensorRole.QKV) ? fused(n) : separate(n);
    return new LayerWeights(
        catalog.floating(TensorRole.ATTENTION_NORM, n, hidden),
        qkv.q,
        qkv.qBias,
        qkv.k,
        qkv.kBias,
        qkv.v,
        qkv.vBias,
        catalog.floating(TensorRole.O, n, hidden, query),
        catalog.floating(TensorRole.O_BIAS, n, hidden),
        catalog.floating(TensorRole.SINKS, n, heads),
        catalog.floating(TensorRole.MLP_NORM, n, hidden),
        catalog.floating(TensorRole.ROUTER, n, experts, hidden),
        catalog.floating(TensorRole.ROUTER_BIAS, n, experts),
        matrix(
            n,
            TensorRole.GATE_UP_BLOCKS,
            TensorRole.GATE_UP_SCALES,
            TensorRole.GATE_UP_DENSE,
            doubled,
            hidden),
        catalog.floating(TensorRole.GATE_UP_BIAS, n, experts, doubled),
        matrix(
            n,
            TensorRole.DOWN_BLOCKS,
            TensorRole.DOWN_SCALES,
            TensorRole.DOWN_DENSE,
            hidden,
            intermediate),
        catalog.floating(TensorRole.DOWN_BIAS, n, experts, hidden));
  }

  private record Projections(
      StoredTensor q,
      StoredTensor qBias,
      StoredTensor k,
      StoredTensor kBias,
      StoredTensor v,
      StoredTensor vBias) {}

  private Projections separate(int n) {
    return new Projections(
        catalog.floating(TensorRole.Q, n, query, hidden),
        catalog.floating(TensorRole.Q_BIAS, n, query),
        catalog.floating(TensorRole.K, n, kv, hidden),
        catalog.floating(TensorRole.K_BIAS, n, kv),
        catalog.floating(TensorRole.V, n, kv, hidden),
        catalog.floating(TensorRole.V_BIAS, n, kv));
  }

  /** OpenAI's layout holds q, k and v as row ranges of one matrix. */
  private Projections fused(int n) {
    long qEnd = query.size();
    long kEnd = qEnd + kv.size();
    long vEnd = kEnd + kv.size();
    Dim rows = new Dim("(heads + 2*kv_heads)*head_dim", vEnd);
    StoredTensor weight = catalog.floating(TensorRole.QKV, n, rows, hidden);
    StoredTensor bias = catalog.floating(TensorRole.QKV_BIAS, n, rows);
    return new Projections(
        weight.slice(0, qEnd),
        bias.slice(0, qEnd),
        weight.slice(qEnd, kEnd),
        bias.slice(qEnd, kEnd),
        weight.slice(kEnd, vEnd),
        bias.slice(kEnd, vEnd));
  }

  private ExpertMatrix matrix(
      int n, TensorRole blocks, TensorRole scales, TensorRole dense, Dim rows, Dim cols) {
    boolean hasBlocks = hasAny(n, blocks, scales);
    boolean isOther = format == ExpertFormat.MXFP4 ? catalog.has(dense, n) : hasBlocks;
    if (isOther) {
      TensorRole other =
          format == ExpertFormat.MXFP4 ? dense : catalog.has(blocks, n) ? blocks : scales;
      throw CheckpointErrors.mixedExperts(catalog.unchecked(other, n), format);
    }
    if (format == ExpertFormat.DENSE) {
      return new DenseExperts(catalog.floating(dense, n, experts, cols, rows));
    }
    Dim perRow = new Dim(cols.formula() + "/32", cols.size() / Mxfp4Experts.BLOCK_ELEMENTS);
    return new Mxfp4Experts(
        catalog.bytes(blocks, n, experts, rows, perRow, BLOCK_BYTES),
        catalog.bytes(scales, n, experts, rows, perRow));
  }
}
