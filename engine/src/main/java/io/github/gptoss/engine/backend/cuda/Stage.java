package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.backend.Capacity;
import io.github.gptoss.engine.backend.SampleRow;
import io.github.gptoss.engine.backend.Step;
import io.github.gptoss.engine.backend.cuda.StepTables.Table;
import io.github.gptoss.engine.model.AttentionKind;
import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.model.RopeFrequencies;
import java.util.function.Supplier;

/**
 * One device's part of the operations: its layers, their KV cache, and what kernels hand each
 * other. T, P, H and the like are those of {@link io.github.gptoss.engine.backend.Operations}; P =
 * T * K.
 */
final class Stage {
  private static final int BF16_BYTES = 2;

  // Launch shapes that the comments over the kernels ask for.
  private static final int LINEAR_STAGE_BYTES = 24_576;
  private static final int DECODE_TILE_TOKENS = 16;
  private static final int DECODE_TILE_ROWS = 32;
  private static final int WGMMA_DECODE_TILE_ROWS = 64;
  private static final int WGMMA_DECODE_STAGE_BYTES = 40_960;
  private static final int WGMMA_DECODE_THREADS = 512;
  private static final int SWIZZLE_BYTES = 1024;
  private static final int PREFILL_TILE_TOKENS = 64;
  private static final int PREFILL_TILE_ROWS = 128;

  /** Up to here, and where large blocks are too few for the device, small blocks compute. */
  private static final int MOST_DECODE_TOKENS = 32;

  private static final int MULTIPLYING_THREADS = 128;
  private static final int COPYING_THREADS = 32;
  private static final int ASYNC_STAGES = 3;
  private static final int BULK_STAGES = 4;
  private static final int BARRIER_BYTES = 128;
  private static final int TOKEN_STAGE_BYTES = 128;
  private static final int[] TILE_SLOTS = {StageMemory.LEAST_TILE_SLOTS, 16, 32, 64};
  private static final int ATTENTION_BLOCK_ROWS = 64;
  private static final int NORM_THREADS = 256;
  private static final int ROUTE_THREADS = 256;
  private static final int ROUTE_TOKENS = 8;
  private static final int GATHER_SLOTS = 8;
  private static final int ROW_THREADS = 128;
  private static final int SAMPLE_THREADS = 512;

  private final CudaModel model;
  private final ModelConfig config;
  private final CudaDevice device;
  private final KvCacheMemory[] kv; // [layers]; null for those of other stages
  private final StepTables[] tables;
  private final SampleTables[] samples;
  private final DeviceMemory rope; // [position][headDim / 2] cosine, sine
  private final Activations normed; // [max(T, logitsRows), H]
  private final Activations splitNormed; // [T, 2 * H]
  private final Activations slots; // [P, H]
  private final DeviceMemory routerLogits; // [T, E] float32
  private final DeviceMemory chosen; // [P]
  private final DeviceMemory weights; // [P] float32
  private final DeviceMemory counts; // [E]
  private final DeviceMemory slotTokens; // [P]
  private final DeviceMemory slotPairs; // [P]
  private final DeviceMemory tiles; // [P / 8 + E] int4
  private final DeviceMemory tileCount;
  private final DeviceMemory sampled; // [T]: of the step before, then of this one
  private final DeviceMemory details; // [T]: what the model gave the rows that ask for it
  private final AdapterProducts adapters;
  private final int decodeSharedBytes;
  private final int prefillSharedBytes;

  private StepTables step;
  private int stepIndex;
  private int tileSlots;

  Stage(CudaModel model, CudaDevice device, int index, Capacity capacity) {
    this.model = model;
    this.config = model.config();
    this.device = device;
    Supplier<String> plan = () -> model.plan().describe(capacity);
    kv = new KvCacheMemory[config.layers()];
    for (int l = model.split().from(index); l < model.split().to(index); l++) {
      boolean window = config.attention().get(l) == AttentionKind.WINDOW;
      int blocks = window ? capacity.windowBlocks() : capacity.fullBlocks();
      long bytes = (long) blocks * capacity.blockTokens() * config.kvWidth() * BF16_BYTES;
      kv[l] =
          new KvCacheMemory(
              device.allocate(bytes, "keys of layer " + l, plan),
              device.allocate(bytes, "values of layer " + l, plan));
    }
    int positions = model.plan().positions(capacity);
    StageMemory memory = model.plan().stage(capacity.maxTokens(), positions);
    rope = rope(positions, plan);
    int most = capacity.maxTokens();
    normed = tiled(memory.normed(), Math.max(most, model.plan().logitsRows()), "a norm", plan);
    splitNormed = tiled(memory.splitNormed(), most, "a norm", plan);
    slots = tiled(memory.slots(), most * config.expertsPerToken(), "the experts' inputs", plan);
    routerLogits = device.allocate(memory.routerLogits(), "router logits", plan);
    chosen = device.allocate(memory.pairs(), "routing", plan);
    weights = device.allocate(memory.pairs(), "routing", plan);
    counts = device.allocate(memory.counts(), "routing", plan);
    slotTokens = device.allocate(memory.pairs(), "routing", plan);
    slotPairs = device.allocate(memory.pairs(), "routing", plan);
    tiles = device.allocate(memory.tiles(), "routing", plan);
    tileCount = device.allocate(Integer.BYTES, "routing", plan);
    sampled = device.allocate(memory.sampled(), "sampled tokens", plan);
    details = device.allocate(memory.details(), "log-probabilities", plan);
    adapters = new AdapterProducts(model, device, memory, plan);
    int head = config.headDim();
    decodeSharedBytes = 1024 * head + 512 * (head / 2 + 4);
    prefillSharedBytes = 512 * head;
    boolean splitsKeys = decodeSharedBytes <= device.sharedBytes();
    tables = new StepTables[model.stepsAhead() + 2];
    // A step samples its rows in chunks of as many as logits are held of. Each has tables of its
    // own, since waiting for a chunk's would be waiting for the step.
    int chunks = Fragments.up(capacity.maxTokens(), model.plan().logitsRows());
    samples = new SampleTables[tables.length * chunks];
    for (int i = 0; i < tables.length; i++) {
      tables[i] = new StepTables(device, config.heads() / config.kvHeads(), splitsKeys);
    }
    for (int i = 0; i < samples.length; i++) {
      samples[i] = new SampleTables(device, config.vocabSize());
    }
  }

  /** Zeros: products read columns up to a whole block of them, which nobody writes. */
  private Activations tiled(long bytes, int room, String what, Supplier<String> plan) {
    DeviceMemory memory = device.allocate(bytes, what, plan);
    device.clear(memory);
    return new Activations(memory, room);
  }

  private DeviceMemory rope(int positions, Supplier<String> plan) {
    RopeFrequencies frequencies = new RopeFrequencies(config);
    int pairs = frequencies.pairs();
    float[] turns = new float[Math.multiplyExact(2 * pairs, positions)];
    for (int p = 0; p < positions; p++) {
      for (int i = 0; i < pairs; i++) {
        turns[2 * (p * pairs + i)] = frequencies.cos(p, i);
        turns[2 * (p * pairs + i) + 1] = frequencies.sin(p, i);
      }
    }
    try (WeightLoader loader = new WeightLoader(device, 0, plan)) {
      return loader.floats("the rotary table", turns);
    }
  }

  CudaDevice device() {
    return device;
  }

  StepTables step() {
    return step;
  }

  /** Token ids, [T], that {@link #embed} finds instead of those it has stand-ins for. */
  DeviceMemory sampled() {
    return sampled;
  }

  /** What sample.cu has found of rows that ask for log-probabilities, [T]. */
  DeviceMemory details() {
    return details;
  }

  void begin(Step next) {
    step = tables[stepIndex++ % tables.length];
    step.begin(next);
    adapters.begin(step);
    double mean = (double) step.tokens() * config.expertsPerToken() / config.experts();
    // Most experts of an even router; one that gets more decodes its weights for another tile.
    double most = mean + 2 * Math.sqrt(mean);
    tileSlots = TILE_SLOTS[TILE_SLOTS.length - 1];
    for (int i = TILE_SLOTS.length - 1; i >= 0; i--) {
      if (most <= TILE_SLOTS[i]) {
        tileSlots = TILE_SLOTS[i];
      }
    }
  }

  void embed(DeviceMemory x) {
    Kernel kernel = device.kernel("embed");
    kernel
        .params()
        .put(model.embedding(), step.at(Table.IDS), sampled, x)
        .put(config.hiddenSize(), config.vocabSize());
    kernel.launch(step.tokens(), ROW_THREADS, 0);
  }

  private void norm(
      DeviceMemory x,
      DeviceMemory scale,
      DeviceMemory out,
      DeviceMemory split,
      DeviceMemory rows,
      int room,
      int count) {
    Kernel kernel = device.kernel("rms_norm");
    kernel
        .params()
        .put(x, scale, out, split, rows)
        .put(config.hiddenSize(), room)
        .put(config.rmsNormEps());
    kernel.launch(count, NORM_THREADS, 0);
  }

  void qkv(int index, DeviceMemory x, DeviceMemory q) {
    CudaLayer layer = model.layer(index);
    boolean window = layer.attention() == AttentionKind.WINDOW;
    norm(x, layer.attentionNorm(), normed.memory(), null, null, normed.room(), step.tokens());
    AdapterProducts.Delta delta = adapters.qkv(index, normed);
    Linear qkv = layer.qkv();
    Kernel kernel = linearKernel("linear_qkv", qkv.rows(), step.tokens());
    kernel
        .params()
        .put(qkv.weights(), normed.memory(), qkv.bias(), q)
        .put(kv[index].keys(), kv[index].values(), rope)
        .put(step.at(Table.POSITIONS), step.at(window ? Table.WINDOW_SLOTS : Table.FULL_SLOTS))
        .put(delta.values(), delta.adapters())
        .put(config.queryWidth(), config.kvWidth(), qkv.width())
        .put(step.tokens(), config.headDim(), step.blockTokensLog2(), normed.room());
    launchLinear(kernel, qkv.rows(), step.tokens());
  }

  /** Whether the small blocks of decoding compute it; they give the bits of the large ones. */
  private boolean isDecode(int rows, int tokens) {
    int blocks = Fragments.up(rows, PREFILL_TILE_ROWS) * Fragments.up(tokens, PREFILL_TILE_TOKENS);
    return tokens <= MOST_DECODE_TOKENS || 2 * blocks < device.multiprocessors();
  }

  private Kernel linearKernel(String name, int rows, int tokens) {
    return product(isDecode(rows, tokens) ? name : name + "_prefill");
  }

  private Kernel product(String name) {
    return device.multipliesByWgmma() ? device.kernel(name + "_wgmma") : pipelined(name);
  }

  /** A kernel whose operands come through shared memory in the way that the device has. */
  private Kernel pipelined(String name) {
    return device.kernel(device.copiesInBulk() ? name + "_bulk" : name);
  }

  /** Threads of such a kernel's blocks: where the device copies in bulk, a warp sees to it. */
  private int pipelinedThreads() {
    return device.copiesInBulk() ? MULTIPLYING_THREADS + COPYING_THREADS : MULTIPLYING_THREADS;
  }

  /** Shared memory of a product whose stages hold so much. */
  private int productBytes(int stageBytes) {
    if (device.multipliesByWgmma()) {
      int blocks = Fragments.up(stageBytes + BARRIER_BYTES, SWIZZLE_BYTES);
      return (BULK_STAGES * blocks + 1) * SWIZZLE_BYTES;
    }
    return device.copiesInBulk()
        ? BULK_STAGES * (stageBytes + BARRIER_BYTES)
        : ASYNC_STAGES * stageBytes;
  }

  private void launchLinear(Kernel kernel, int rows, int tokens) {
    if (!isDecode(rows, tokens)) {
      kernel.launch(
          Fragments.up(rows, PREFILL_TILE_ROWS),
          Fragments.up(tokens, PREFILL_TILE_TOKENS),
          pipelinedThreads(),
          productBytes(LINEAR_STAGE_BYTES));
      return;
    }
    boolean wgmma = device.multipliesByWgmma();
    kernel.launch(
        Fragments.up(rows, wgmma ? WGMMA_DECODE_TILE_ROWS : DECODE_TILE_ROWS),
        Fragments.up(tokens, DECODE_TILE_TOKENS),
        wgmma ? WGMMA_DECODE_THREADS + COPYING_THREADS : pipelinedThreads(),
        productBytes(wgmma ? WGMMA_DECODE_STAGE_BYTES : LINEAR_STAGE_BYTES));
  }

  private void linear(String name, Linear linear, Activations in, DeviceMemory out, int tokens) {
    Kernel kernel = linearKernel(name, linear.rows(), tokens);
    kernel
        .params()
        .put(linear.weights(), in.memory(), linear.bias(), out)
        .put(linear.rows(), linear.width(), tokens, in.room());
    launchLinear(kernel, linear.rows(), tokens);
  }

  void attention(int index, DeviceMemory q, Activations attended) {
    int head = config.headDim();
    attend(
        index,
        "attention_decode_" + head,
        step.at(Table.DECODE),
        step.decodeItems(),
        1,
        MULTIPLYING_THREADS,
        decodeSharedBytes,
        q,
        attended);
    attend(
        index,
        "attention_prefill_" + head,
        step.at(Table.PREFILL),
        step.prefillItems(),
        Fragments.up(step.mostPrefillRows(), ATTENTION_BLOCK_ROWS),
        pipelinedThreads(),
        prefillSharedBytes,
        q,
        attended);
  }

  private void attend(
      int index,
      String name,
      DeviceMemory items,
      int count,
      int rowBlocks,
      int threads,
      int sharedBytes,
      DeviceMemory q,
      Activations attended) {
    CudaLayer layer = model.layer(index);
    boolean window = layer.attention() == AttentionKind.WINDOW;
    Kernel kernel = pipelined(name);
    kernel
        .params()
        .put(q, kv[index].keys(), kv[index].values(), attended.memory(), layer.sinks(), items)
        .put(step.at(window ? Table.WINDOW_BLOCKS : Table.FULL_BLOCKS))
        .put(window ? null : step.at(Table.FULL_STARTS))
        .put(window ? step.ringBlocks() : 0, step.blockTokensLog2())
        .put(window ? config.slidingWindow() : 0, config.heads(), config.kvHeads())
        .put(attended.room())
        .put((float) (1 / Math.sqrt(config.headDim())));
    kernel.launch(count, config.kvHeads(), rowBlocks, threads, sharedBytes);
  }

  void attentionOutput(int index, Activations attended, DeviceMemory x) {
    linear("linear_residual", model.layer(index).output(), attended, x, step.tokens());
    adapters.attentionOutput(index, attended, x);
  }

  void route(int index, DeviceMemory x, Activations out) {
    CudaLayer layer = model.layer(index);
    int tokens = step.tokens();
    if (out.room() != splitNormed.room()) {
      throw new IllegalArgumentException("a step's rows have one room, not " + out.room());
    }
    norm(x, layer.mlpNorm(), out.memory(), splitNormed.memory(), null, out.room(), tokens);
    linear("linear_floats", layer.router(), splitNormed, routerLogits, tokens);
    Kernel top = device.kernel("route_top");
    top.params()
        .put(routerLogits, chosen, weights)
        .put(tokens, config.experts(), config.expertsPerToken());
    top.launch(Fragments.up(tokens, ROUTE_TOKENS), ROUTE_THREADS, 0);
    group("route_count");
    group("route_group");
    adapters.route(index, counts, slotTokens);
  }

  private void group(String name) {
    Kernel kernel = device.kernel(name);
    kernel
        .params()
        .put(chosen, counts, slotTokens, slotPairs, tiles, tileCount)
        .put(step.tokens() * config.expertsPerToken(), config.experts())
        .put(config.expertsPerToken(), tileSlots);
    kernel.launch(config.experts(), ROUTE_THREADS, 0);
  }

  void expertsUp(int index, Activations in, Activations activated) {
    int count = step.tokens() * config.expertsPerToken();
    Kernel gather = device.kernel("route_gather");
    gather
        .params()
        .put(in.memory(), slots.memory(), slotTokens)
        .put(count, config.hiddenSize() / 8, in.room(), slots.room());
    gather.launch(Fragments.up(count, GATHER_SLOTS), ROUTE_THREADS, 0);
    experts(
        "up",
        model.layer(index).gateUp(),
        adapters.expertsUp(index, slots),
        slots,
        activated.memory(),
        activated.room());
  }

  void expertsDown(int index, Activations activated, DeviceMemory outputs) {
    experts(
        "down",
        model.layer(index).down(),
        adapters.expertsDown(index, activated),
        activated,
        outputs,
        0);
  }

  private void experts(
      String name,
      ExpertWeights matrix,
      AdapterProducts.Delta delta,
      Activations in,
      DeviceMemory out,
      int outRoom) {
    Kernel kernel = product("experts_" + name + "_" + matrix.format() + "_" + tileSlots);
    kernel
        .params()
        .put(matrix.weights(), matrix.scales(), matrix.bias(), in.memory(), out, slotPairs)
        .put(tiles, tileCount)
        .put(delta.values(), delta.adapters())
        .put(matrix.rows(), matrix.width(), in.room(), outRoom)
        .put(matrix.factor())
        .put(config.swigluLimit());
    int tileBytes =
        matrix.scales() == null
            ? Fragments.BF16_TILE_BYTES
            : Fragments.CODE_TILE_BYTES + Fragments.SCALE_TILE_BYTES;
    int sharedBytes = productBytes(8 * tileBytes + TOKEN_STAGE_BYTES * tileSlots);
    // No more blocks than there can be items: an item is a tile and 128 rows of its expert.
    long pairs = (long) step.tokens() * config.expertsPerToken();
    long most =
        Math.min(pairs, pairs / tileSlots + config.experts())
            * Fragments.up(matrix.rows(), PREFILL_TILE_ROWS);
    int threads = pipelinedThreads();
    int blocks = kernel.persistentBlocks(threads, sharedBytes);
    kernel.launch((int) Math.min(blocks, most), threads, sharedBytes);
  }

  void combine(DeviceMemory outputs, DeviceMemory x) {
    Kernel kernel = device.kernel("combine");
    kernel.params().put(x, outputs, weights).put(config.hiddenSize(), config.expertsPerToken());
    kernel.launch(step.tokens(), ROW_THREADS, 0);
  }

  void finalNorm(DeviceMemory x, DeviceMemory out) {
    norm(x, model.finalNorm(), out, null, null, 0, step.tokens());
  }

  void unembed(DeviceMemory x, int from, int count, DeviceMemory logits) {
    DeviceMemory rows = step.at(Table.LOGITS_ROWS, from);
    norm(x, model.finalNorm(), normed.memory(), null, rows, normed.room(), count);
    linear("linear_floats", model.unembedding(), normed, logits, count);
  }

  /**
   * Chooses a token for each of {@code count} rows of logits, which are used up. What is returned
   * has the weights that rows ask for.
   */
  SampleTables sample(DeviceMemory logits, SampleRow[] rows, int from, int count) {
    int chunk = from / model.plan().logitsRows();
    SampleTables how =
        samples[stepIndex % tables.length * (samples.length / tables.length) + chunk];
    how.begin(rows, from, count);
    if (how.wantsDetails()) {
      sample("sample_details", SAMPLE_THREADS, how, logits, from, count);
    }
    if (how.weighed() > 0) {
      sample("sample_weights", SAMPLE_THREADS, how, logits, from, count);
    }
    if (how.adjusts()) {
      sample("sample_adjust", ROW_THREADS, how, logits, from, count);
    }
    sample("sample_rows", SAMPLE_THREADS, how, logits, from, count);
    return how;
  }

  private void sample(
      String name, int threads, SampleTables how, DeviceMemory logits, int from, int count) {
    Kernel kernel = device.kernel(name);
    kernel
        .params()
        .put(logits, how.rows(), how.adjustments(), how.masks())
        .put(sampled.slice(4L * from, 4L * count))
        .put(details.slice(ChosenTokens.detailsBytes(from), ChosenTokens.detailsBytes(count)))
        .put(how.weights())
        .put(config.vocabSize());
    kernel.launch(count, threads, 0);
  }
}
