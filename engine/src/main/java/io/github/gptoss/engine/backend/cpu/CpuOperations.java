package io.github.gptoss.engine.backend.cpu;

import io.github.gptoss.engine.backend.Buffer;
import io.github.gptoss.engine.backend.Capacity;
import io.github.gptoss.engine.backend.Operations;
import io.github.gptoss.engine.backend.SampleRow;
import io.github.gptoss.engine.backend.SampledTokens;
import io.github.gptoss.engine.backend.Step;
import io.github.gptoss.engine.lora.Target;
import io.github.gptoss.engine.model.AttentionKind;
import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.sampling.Sampler;
import io.github.gptoss.engine.sampling.TokenDetails;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The operations on the heap, each a parallel loop or two over rows or panels. */
final class CpuOperations implements Operations {
  private static final int PANEL = Kernels.PANEL_ROWS;

  private static final Target[] QKV = {Target.Q, Target.K, Target.V};

  /** Rows of activations that one item of a parallel loop takes, where there are few panels. */
  private static final int TOKEN_BLOCK = 64;

  private final CpuModel model;
  private final ModelConfig config;
  private final Kernels kernels;
  private final Workers workers;
  private final Rope rope;
  private final Routing routing;
  private final AdapterProducts adapters;
  private final TiledRows tiled;
  private final KvStore[] kv;
  private final Multiplier[] multipliers;
  private final Attention[] attentions;
  private final Sampler.Workspace[] samplers;
  private final EmbeddingTable embedding;
  private final List<Strip> qkvStrips;
  private final List<Strip> outputStrips;
  private final List<Strip> routerStrips;
  private final List<Strip> upStrips; // of each expert
  private final List<Strip> downStrips; // of each expert
  private final List<Strip> unembeddingStrips;

  private final float[] normed; // [T, H]
  private final float[] projected; // [T, Q + 2 * kvWidth]
  private final float[] routerLogits; // [T, E]
  private final int[] hiddenOffsets; // [max(T, logitsRows)]
  private final int[] queryOffsets; // [T]
  private final int[] slotOffsets; // [T * K], where an expert's input rows start
  private final int[] activatedOffsets; // [T * K]

  private int[] sampledTokens = new int[0]; // [R]
  private TokenDetails[] sampledDetails = new TokenDetails[0]; // [R]

  private Step step;
  private final List<AttentionItem> attentionItems = new ArrayList<>();

  CpuOperations(CpuModel model, Capacity capacity, Kernels kernels, Workers workers) {
    this.model = model;
    this.config = model.config();
    this.kernels = kernels;
    this.workers = workers;
    rope = new Rope(config);
    routing = new Routing(config.experts(), config.expertsPerToken());
    adapters = new AdapterProducts(model.adapters(), kernels, workers);
    tiled = new TiledRows(kernels);
    embedding = new EmbeddingTable(model.embedding());
    kv = new KvStore[config.layers()];
    for (int l = 0; l < kv.length; l++) {
      boolean window = config.attention().get(l) == AttentionKind.WINDOW;
      int blocks = window ? capacity.windowBlocks() : capacity.fullBlocks();
      kv[l] = new KvStore(config, blocks, capacity.blockTokens());
    }
    multipliers = new Multiplier[workers.threads()];
    attentions = new Attention[workers.threads()];
    samplers = new Sampler.Workspace[workers.threads()];
    for (int w = 0; w < workers.threads(); w++) {
      multipliers[w] = new Multiplier(kernels);
      attentions[w] = new Attention(config, kernels);
      samplers[w] = new Sampler.Workspace();
    }
    int threads = workers.threads();
    CpuLayer layer = model.layer(0); // all layers have the same shapes
    qkvStrips = Strip.of(threads, layer.q(), layer.k(), layer.v());
    outputStrips = Strip.of(threads, layer.o());
    routerStrips = Strip.of(threads, layer.router());
    upStrips = Strip.of(threads, layer.gateUp()[0]);
    downStrips = Strip.of(threads, layer.down()[0]);
    unembeddingStrips = Strip.of(threads, model.unembedding());
    int tokens = capacity.maxTokens();
    int pairs = tokens * config.expertsPerToken();
    normed = new float[Math.max(tokens, model.logitsRows()) * config.hiddenSize()];
    projected = new float[tokens * (config.queryWidth() + 2 * config.kvWidth())];
    routerLogits = new float[tokens * config.experts()];
    hiddenOffsets = multiples(Math.max(tokens, model.logitsRows()), config.hiddenSize());
    queryOffsets = multiples(tokens, config.queryWidth());
    slotOffsets = new int[pairs];
    activatedOffsets = multiples(pairs, config.intermediateSize());
  }

  private static int[] multiples(int n, int of) {
    int[] out = new int[n];
    for (int i = 0; i < n; i++) {
      out[i] = Math.multiplyExact(i, of);
    }
    return out;
  }

  @Override
  public Buffer buffer(int rows, int width) {
    return CpuBuffer.allocate(rows, width);
  }

  @Override
  public Buffer stream(int rows) {
    return buffer(rows, config.hiddenSize());
  }

  @Override
  public Buffer logits(int rows) {
    return buffer(rows, config.vocabSize());
  }

  @Override
  public void begin(Step next) {
    step = next;
    rope.begin(step.positions(), step.tokens());
    routing.begin(step.tokens());
    adapters.begin(step);
    attentionItems.clear();
    for (int s = 0; s < step.sequences(); s++) {
      int row = step.starts()[s];
      while (row < step.starts()[s + 1]) {
        int left = step.starts()[s + 1] - row;
        int count = Math.min(left, Attention.queries(config, step.positions()[row] + left));
        attentionItems.add(new AttentionItem(s, row, count));
        row += count;
      }
    }
  }

  /** Queries of one sequence of the step, from a row on. */
  private record AttentionItem(int sequence, int row, int queries) {}

  @Override
  public void embed(Buffer x) {
    float[] out = CpuBuffer.of(x).data();
    for (int t = 0; t < step.tokens(); t++) {
      embedding.read(step.tokenIds()[t], out, t * config.hiddenSize());
    }
  }

  @Override
  public void qkv(int index, Buffer x, Buffer q) {
    CpuLayer layer = model.layer(index);
    int tokens = step.tokens();
    int queryWidth = config.queryWidth();
    int kvWidth = config.kvWidth();
    int width = queryWidth + 2 * kvWidth;
    openBlocks(kv[index], layer.attention());
    norm(CpuBuffer.of(x).data(), layer.attentionNorm(), normed, tokens);
    PackedMatrix[] matrices = {layer.q(), layer.k(), layer.v()};
    float[][] biases = {layer.qBias(), layer.kBias(), layer.vBias()};
    int[] columns = {0, queryWidth, queryWidth + kvWidth};
    adapters.project(index, normed, hiddenOffsets, QKV);
    linear(
        qkvStrips,
        normed,
        hiddenOffsets,
        config.hiddenSize(),
        tokens,
        (long) tokens * config.hiddenSize() * width,
        (strip, from, count, worker) -> {
          int m = strip.matrix();
          float[] product = multiply(matrices[m], strip, from, count, worker);
          adapters.add(index, QKV[m], 0, strip, product, from, count, worker);
          int to = from * width + columns[m];
          putBiased(product, matrices[m], strip, biases[m], 0, projected, to, width, count);
        });
    float[] queries = CpuBuffer.of(q).data();
    float queryScale = (float) (1 / Math.sqrt(config.headDim()));
    workers.run(
        tokens,
        (long) tokens * width * 4,
        (t, worker) -> {
          int from = t * width;
          System.arraycopy(projected, from, queries, t * queryWidth, queryWidth);
          for (int h = 0; h < config.heads(); h++) {
            rope.rotate(queries, t * queryWidth + h * config.headDim(), t, queryScale);
          }
          for (int h = 0; h < config.kvHeads(); h++) {
            rope.rotate(projected, from + queryWidth + h * config.headDim(), t, 1);
          }
        });
    boolean window = layer.attention() == AttentionKind.WINDOW;
    for (int s = 0; s < step.sequences(); s++) {
      for (int t = step.starts()[s]; t < step.starts()[s + 1]; t++) {
        int position = step.positions()[t];
        kv[index].write(
            step.block(s, position, window),
            position % step.blockTokens(),
            projected,
            t * width + queryWidth,
            t * width + queryWidth + kvWidth);
      }
    }
  }

  private void openBlocks(KvStore store, AttentionKind kind) {
    for (int s = 0; s < step.sequences(); s++) {
      for (int t = step.starts()[s]; t < step.starts()[s + 1]; t++) {
        if (step.positions()[t] % step.blockTokens() == 0) {
          store.open(step.block(s, step.positions()[t], kind == AttentionKind.WINDOW));
        }
      }
    }
  }

  /** Multiplies a group of the tiled rows, which begins with row {@code from}. */
  private float[] multiply(PackedMatrix matrix, Strip strip, int from, int count, int worker) {
    int offset = tiled.offset(from);
    return multipliers[worker].multiply(
        matrix, strip.first(), strip.panels(), tiled.data(), offset, count);
  }

  /** out[t][32 p ..] = product[p - first][t] + bias, for rows of a width. */
  private static void putBiased(
      float[] product,
      PackedMatrix matrix,
      Strip strip,
      float[] bias,
      int biasFrom,
      float[] out,
      int outFrom,
      int width,
      int count) {
    for (int i = 0; i < strip.panels(); i++) {
      int row = (strip.first() + i) * PANEL;
      int rows = matrix.panelRows(strip.first() + i);
      for (int t = 0; t < count; t++) {
        int o = outFrom + t * width + row;
        for (int r = 0; r < rows; r++) {
          out[o + r] = product[(i * count + t) * PANEL + r] + bias[biasFrom + row + r];
        }
      }
    }
  }

  @Override
  public void attention(int index, Buffer q, Buffer attended) {
    CpuLayer layer = model.layer(index);
    float[] queries = CpuBuffer.of(q).data();
    float[] out = CpuBuffer.of(attended).data();
    long keys = 0;
    for (int t = 0; t < step.tokens(); t++) {
      keys += step.positions()[t] + 1;
    }
    int kvHeads = config.kvHeads();
    workers.run(
        attentionItems.size() * kvHeads,
        keys * config.queryWidth() * 2,
        (item, worker) -> {
          AttentionItem a = attentionItems.get(item / kvHeads);
          attentions[worker].attend(
              layer, kv[index], step, a.sequence, a.row, a.queries, item % kvHeads, queries, out);
        });
  }

  @Override
  public void attentionOutput(int index, Buffer attended, Buffer x) {
    CpuLayer layer = model.layer(index);
    float[] in = CpuBuffer.of(attended).data();
    float[] stream = CpuBuffer.of(x).data();
    int hidden = config.hiddenSize();
    adapters.project(index, in, queryOffsets, Target.O);
    linear(
        outputStrips,
        in,
        queryOffsets,
        config.queryWidth(),
        step.tokens(),
        (long) step.tokens() * hidden * config.queryWidth(),
        (strip, from, count, worker) -> {
          float[] out = multiply(layer.o(), strip, from, count, worker);
          adapters.add(index, Target.O, 0, strip, out, from, count, worker);
          for (int i = 0; i < strip.panels(); i++) {
            int row = (strip.first() + i) * PANEL;
            int rows = layer.o().panelRows(strip.first() + i);
            for (int t = 0; t < count; t++) {
              int o = (from + t) * hidden + row;
              for (int r = 0; r < rows; r++) {
                stream[o + r] += out[(i * count + t) * PANEL + r] + layer.oBias()[row + r];
              }
            }
          }
        });
  }

  @Override
  public void route(int index, Buffer x, Buffer normedOut) {
    CpuLayer layer = model.layer(index);
    int tokens = step.tokens();
    int experts = config.experts();
    float[] in = CpuBuffer.of(normedOut).data();
    norm(CpuBuffer.of(x).data(), layer.mlpNorm(), in, tokens);
    linear(
        routerStrips,
        in,
        hiddenOffsets,
        config.hiddenSize(),
        tokens,
        (long) tokens * experts * config.hiddenSize(),
        (strip, from, count, worker) -> {
          PackedMatrix matrix = layer.router();
          float[] product = multiply(matrix, strip, from, count, worker);
          int to = from * experts;
          putBiased(
              product, matrix, strip, layer.routerBias(), 0, routerLogits, to, experts, count);
        });
    for (int t = 0; t < tokens; t++) {
      routing.choose(t, routerLogits, t * experts);
    }
    routing.group();
    adapters.group(routing);
    for (int slot = 0; slot < tokens * config.expertsPerToken(); slot++) {
      slotOffsets[slot] = routing.token(slot) * config.hiddenSize();
    }
  }

  @Override
  public void expertsUp(int index, Buffer normedIn, Buffer activated) {
    CpuLayer layer = model.layer(index);
    float[] in = CpuBuffer.of(normedIn).data();
    float[] out = CpuBuffer.of(activated).data();
    int width = config.intermediateSize();
    int strips = upStrips.size();
    adapters.project(index, in, slotOffsets, Target.GATE_UP);
    tiled.fill(in, slotOffsets, config.hiddenSize(), routing.starts(), config.experts(), workers);
    workers.run(
        routing.activeExperts() * strips,
        pairs() * 2 * width * config.hiddenSize(),
        (item, worker) -> {
          int expert = routing.activeExpert(item / strips);
          Strip strip = upStrips.get(item % strips);
          PackedMatrix matrix = layer.gateUp()[expert];
          int from = routing.start(expert);
          int count = routing.start(expert + 1) - from;
          float[] product = multiply(matrix, strip, from, count, worker);
          adapters.add(index, Target.GATE_UP, expert, strip, product, from, count, worker);
          float[] panel = multipliers[worker].panelScratch();
          for (int i = 0; i < strip.panels(); i++) {
            int p = strip.first() + i;
            int gates = matrix.panelRows(p) / 2;
            int bias = expert * 2 * width + p * PANEL;
            for (int t = 0; t < count; t++) {
              int at = (i * count + t) * PANEL;
              for (int g = 0; g < gates; g++) {
                panel[g] = product[at + g] + layer.gateUpBias()[bias + 2 * g];
                panel[PANEL / 2 + g] =
                    product[at + gates + g] + layer.gateUpBias()[bias + 2 * g + 1];
              }
              kernels.swiglu(
                  panel, 0, config.swigluLimit(), out, (from + t) * width + p * PANEL / 2, gates);
            }
          }
        });
  }

  @Override
  public void expertsDown(int index, Buffer activated, Buffer outputs) {
    CpuLayer layer = model.layer(index);
    float[] in = CpuBuffer.of(activated).data();
    float[] out = CpuBuffer.of(outputs).data();
    int hidden = config.hiddenSize();
    int width = config.intermediateSize();
    int strips = downStrips.size();
    adapters.project(index, in, activatedOffsets, Target.DOWN);
    tiled.fill(in, activatedOffsets, width, routing.starts(), config.experts(), workers);
    workers.run(
        routing.activeExperts() * strips,
        pairs() * hidden * width,
        (item, worker) -> {
          int expert = routing.activeExpert(item / strips);
          Strip strip = downStrips.get(item % strips);
          PackedMatrix matrix = layer.down()[expert];
          int from = routing.start(expert);
          int count = routing.start(expert + 1) - from;
          float[] product = multiply(matrix, strip, from, count, worker);
          adapters.add(index, Target.DOWN, expert, strip, product, from, count, worker);
          int bias = expert * hidden;
          int to = from * hidden;
          putBiased(product, matrix, strip, layer.downBias(), bias, out, to, hidden, count);
        });
  }

  private long pairs() {
    return (long) step.tokens() * config.expertsPerToken();
  }

  @Override
  public void combine(int index, Buffer outputs, Buffer x) {
    float[] in = CpuBuffer.of(outputs).data();
    float[] stream = CpuBuffer.of(x).data();
    int hidden = config.hiddenSize();
    workers.run(
        step.tokens(),
        pairs() * hidden,
        (t, worker) -> {
          float[] sum = normed;
          int o = t * hidden;
          Arrays.fill(sum, o, o + hidden, 0);
          for (int k = 0; k < config.expertsPerToken(); k++) {
            int slot = routing.slot(t, k);
            kernels.addScaled(sum, o, routing.weight(t, k), in, slot * hidden, hidden);
          }
          kernels.add(stream, o, sum, o, hidden);
        });
  }

  @Override
  public void finalNorm(Buffer x, Buffer normedOut) {
    norm(CpuBuffer.of(x).data(), model.finalNorm(), CpuBuffer.of(normedOut).data(), step.tokens());
  }

  @Override
  public void unembed(Buffer x, int from, int count, Buffer logits) {
    float[] stream = CpuBuffer.of(x).data();
    float[] out = CpuBuffer.of(logits).data();
    int hidden = config.hiddenSize();
    int vocab = config.vocabSize();
    for (int i = 0; i < count; i++) {
      normRow(stream, step.logitsRows()[from + i] * hidden, model.finalNorm(), normed, i * hidden);
    }
    PackedMatrix matrix = model.unembedding();
    linear(
        unembeddingStrips,
        normed,
        hiddenOffsets,
        hidden,
        count,
        (long) count * vocab * hidden,
        (strip, first, rowCount, worker) -> {
          float[] product = multiply(matrix, strip, first, rowCount, worker);
          for (int i = 0; i < strip.panels(); i++) {
            int p = strip.first() + i;
            int rows = matrix.panelRows(p);
            for (int t = 0; t < rowCount; t++) {
              int o = (first + t) * vocab + p * PANEL;
              System.arraycopy(product, (i * rowCount + t) * PANEL, out, o, rows);
            }
          }
        });
  }

  @Override
  public void sample(Buffer logits, int from, int count, SampleRow[] rows) {
    float[] data = CpuBuffer.of(logits).data();
    int vocab = config.vocabSize();
    if (sampledTokens.length < from + count) {
      sampledTokens = Arrays.copyOf(sampledTokens, step.logitsCount());
      sampledDetails = Arrays.copyOf(sampledDetails, step.logitsCount());
    }
    int[] tokens = sampledTokens;
    TokenDetails[] details = sampledDetails;
    workers.run(
        count,
        (long) count * vocab,
        (i, worker) -> {
          int r = from + i;
          tokens[r] = -1;
          details[r] = null;
          if (!Sampler.isUsable(data, i * vocab, vocab)) {
            return;
          }
          SampleRow row = rows[r];
          Sampler.Workspace workspace = samplers[worker];
          tokens[r] = row.choose(data, i * vocab, vocab, workspace);
          details[r] = row.details(data, i * vocab, vocab, tokens[r], workspace);
        });
  }

  @Override
  public SampledTokens sampled() {
    int count = step.logitsCount();
    return (tokens, details) -> {
      System.arraycopy(sampledTokens, 0, tokens, 0, count);
      System.arraycopy(sampledDetails, 0, details, 0, count);
    };
  }

  @Override
  public void read(Buffer buffer, int row, float[] out, int outOffset) {
    System.arraycopy(
        CpuBuffer.of(buffer).data(), row * buffer.width(), out, outOffset, buffer.width());
  }

  private void norm(float[] x, float[] weight, float[] out, int tokens) {
    int hidden = config.hiddenSize();
    workers.run(
        tokens,
        (long) tokens * hidden * 2,
        (t, worker) -> normRow(x, t * hidden, weight, out, t * hidden));
  }

  private void normRow(float[] x, int xOffset, float[] weight, float[] out, int outOffset) {
    int hidden = config.hiddenSize();
    float meanSquare = kernels.sumOfSquares(x, xOffset, hidden) / hidden;
    float factor = (float) (1 / Math.sqrt(meanSquare + config.rmsNormEps()));
    kernels.scale(x, xOffset, factor, weight, out, outOffset, hidden);
  }

  /** A strip of panels times a range of rows. */
  @FunctionalInterface
  private interface StripTask {
    void run(Strip strip, int from, int count, int worker);
  }

  /**
   * Tiles rows of {@code columns}, then shares out strips, and blocks of rows too where there are
   * too few strips for the threads.
   */
  private void linear(
      List<Strip> strips,
      float[] x,
      int[] xOffsets,
      int columns,
      int rows,
      long operations,
      StripTask task) {
    boolean split = strips.size() < 4 * workers.threads();
    int block = split ? Math.min(rows, TOKEN_BLOCK) : rows;
    int blocks = (rows + block - 1) / block;
    int[] starts = new int[blocks + 1];
    Arrays.setAll(starts, b -> Math.min(rows, b * block));
    tiled.fill(x, xOffsets, columns, starts, blocks, workers);
    workers.run(
        strips.size() * blocks,
        operations,
        (item, worker) -> {
          int from = item / strips.size() * block;
          task.run(strips.get(item % strips.size()), from, Math.min(block, rows - from), worker);
        });
  }
}
