package io.github.gptoss.engine.backend.cpu;

import io.github.gptoss.engine.backend.Buffer;
import io.github.gptoss.engine.backend.Capacity;
import io.github.gptoss.engine.backend.Operations;
import io.github.gptoss.engine.backend.SampleRow;
import io.github.gptoss.engine.backend.SampledTokens;
import io.github.gptoss.engine.backend.Step;
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

  /** Rows of activations that one item of a parallel loop takes, where there are few panels. */
  private static final int TOKEN_BLOCK = 64;

  private final CpuModel model;
  private final ModelConfig config;
  private final Kernels kernels;
  private final Workers workers;
  private final Rope rope;
  private final Routing routing;
  private final KvStore[] kv;
  private final Multiplier[] multipliers;
  private final Attention[] attentions;
  private final Sampler.Workspace[] samplers;
  private final EmbeddingTable embedding;

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
    int qPanels = layer.q().panels();
    int kPanels = layer.k().panels();
    linear(
        qPanels + 2 * kPanels,
        tokens,
        (long) tokens * config.hiddenSize() * width,
        (item, from, count, worker) -> {
          if (item < qPanels) {
            project(layer.q(), item, layer.qBias(), from, count, worker, 0, width);
          } else if (item < qPanels + kPanels) {
            int p = item - qPanels;
            project(layer.k(), p, layer.kBias(), from, count, worker, queryWidth, width);
          } else {
            int p = item - qPanels - kPanels;
            project(layer.v(), p, layer.vBias(), from, count, worker, queryWidth + kvWidth, width);
          }
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

  /** projected[t][column + 32 p ..] = panel p of matrix times normed[t], plus bias. */
  private void project(
      PackedMatrix matrix,
      int p,
      float[] bias,
      int from,
      int count,
      int worker,
      int column,
      int width) {
    float[] product = multipliers[worker].multiply(matrix, p, normed, hiddenOffsets, from, count);
    putBiased(product, matrix, p, bias, 0, projected, from * width + column, width, count);
  }

  /** out[t][32 p ..] = product[t] + bias, for rows of a width. */
  private static void putBiased(
      float[] product,
      PackedMatrix matrix,
      int p,
      float[] bias,
      int biasFrom,
      float[] out,
      int outFrom,
      int width,
      int count) {
    int rows = matrix.panelRows(p);
    for (int t = 0; t < count; t++) {
      int o = outFrom + t * width + p * PANEL;
      for (int r = 0; r < rows; r++) {
        out[o + r] = product[t * PANEL + r] + bias[biasFrom + p * PANEL + r];
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
    linear(
        layer.o().panels(),
        step.tokens(),
        (long) step.tokens() * hidden * config.queryWidth(),
        (p, from, count, worker) -> {
          float[] out = multipliers[worker].multiply(layer.o(), p, in, queryOffsets, from, count);
          int rows = layer.o().panelRows(p);
          for (int t = 0; t < count; t++) {
            int o = (from + t) * hidden + p * PANEL;
            for (int r = 0; r < rows; r++) {
              stream[o + r] += out[t * PANEL + r] + layer.oBias()[p * PANEL + r];
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
        layer.router().panels(),
        tokens,
        (long) tokens * experts * config.hiddenSize(),
        (p, from, count, worker) -> {
          PackedMatrix matrix = layer.router();
          float[] product = multipliers[worker].multiply(matrix, p, in, hiddenOffsets, from, count);
          int to = from * experts;
          putBiased(product, matrix, p, layer.routerBias(), 0, routerLogits, to, experts, count);
        });
    for (int t = 0; t < tokens; t++) {
      routing.choose(t, routerLogits, t * experts);
    }
    routing.group();
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
    int panels = layer.gateUp()[0].panels();
    workers.run(
        routing.activeExperts() * panels,
        pairs() * 2 * width * config.hiddenSize(),
        (item, worker) -> {
          int expert = routing.activeExpert(item / panels);
          int p = item % panels;
          PackedMatrix matrix = layer.gateUp()[expert];
          int from = routing.start(expert);
          int count = routing.start(expert + 1) - from;
          float[] product = multipliers[worker].multiply(matrix, p, in, slotOffsets, from, count);
          int gates = matrix.panelRows(p) / 2;
          int bias = expert * 2 * width + p * PANEL;
          float[] panel = multipliers[worker].panelScratch();
          for (int t = 0; t < count; t++) {
            for (int i = 0; i < gates; i++) {
              panel[i] = product[t * PANEL + i] + layer.gateUpBias()[bias + 2 * i];
              panel[PANEL / 2 + i] =
                  product[t * PANEL + gates + i] + layer.gateUpBias()[bias + 2 * i + 1];
            }
            kernels.swiglu(
                panel, 0, config.swigluLimit(), out, (from + t) * width + p * PANEL / 2, gates);
          }
        });
  }

  @Override
  public void expertsDown(int index, Buffer activated, Buffer outputs) {
    CpuLayer layer = model.layer(index);
    float[] in = CpuBuffer.of(activated).data();
    float[] out = CpuBuffer.of(outputs).data();
    int hidden = config.hiddenSize();
    int panels = layer.down()[0].panels();
    workers.run(
        routing.activeExperts() * panels,
        pairs() * hidden * config.intermediateSize(),
        (item, worker) -> {
          int expert = routing.activeExpert(item / panels);
          int p = item % panels;
          PackedMatrix matrix = layer.down()[expert];
          int from = routing.start(expert);
          int count = routing.start(expert + 1) - from;
          float[] product =
              multipliers[worker].multiply(matrix, p, in, activatedOffsets, from, count);
          int bias = expert * hidden;
          putBiased(product, matrix, p, layer.downBias(), bias, out, from * hidden, hidden, count);
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
        matrix.panels(),
        count,
        (long) count * vocab * hidden,
        (p, first, rowCount, worker) -> {
          float[] product =
              multipliers[worker].multiply(matrix, p, normed, hiddenOffsets, first, rowCount);
          int rows = matrix.panelRows(p);
          for (int t = 0; t < rowCount; t++) {
            System.arraycopy(product, t * PANEL, out, (first + t) * vocab + p * PANEL, rows);
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

  /** One panel of a matrix times a range of rows. */
  @FunctionalInterface
  private interface PanelTask {
    void run(int panel, int from, int count, int worker);
  }

  /** Shares out panels, and blocks of rows too where there are too few panels for the threads. */
  private void linear(int panels, int rows, long operations, PanelTask task) {
    boolean split = panels < 4 * workers.threads();
    int block = split ? Math.min(rows, TOKEN_BLOCK) : rows;
    int blocks = (rows + block - 1) / block;
    workers.run(
        panels * blocks,
        operations,
        (item, worker) -> {
          int from = item / panels * block;
          task.run(item % panels, from, Math.min(block, rows - from), worker);
        });
  }
}
