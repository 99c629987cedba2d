package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.backend.cuda.StepTables.Table;
import io.github.gptoss.engine.model.ModelConfig;
import java.util.function.Supplier;

/**
 * What adapters add to a stage's products, for the rows of a step that have one: lora.cu's two
 * kernels for each product, whatever the number of adapters and experts. A step without adapters
 * launches none.
 *
 * <p>What is added to queries, keys, values and the experts' products is made before these, which
 * add it where their sums are; what is added to the residual stream is added there.
 */
final class AdapterProducts {
  private static final int THREADS = 128;
  private static final int EXPAND_ROWS = 128;
  private static final int ROUTE_THREADS = 256;

  /** Blocks of each multiprocessor that experts' tiles are shared out among, at least. */
  private static final int BLOCKS_EACH = 4;

  /** Most blocks in a grid's third dimension. */
  private static final int MOST_BLOCKS = 65_535;

  private final CudaModel model;
  private final ModelConfig config;
  private final CudaDevice device;
  private final int rank;
  private final DeviceMemory low; // [T, 3, rank] or [P, rank]
  private final DeviceMemory delta; // [T, Q + 2 * KV], [P, 2 * I] or [P, H] float32
  private final DeviceMemory slotAdapters; // [P]
  private final DeviceMemory slotRows; // [P]
  private final DeviceMemory slotTiles; // [P] int4
  private final DeviceMemory firstTiles; // [E]
  private final DeviceMemory tileCounts; // [E]

  private StepTables step;

  AdapterProducts(CudaModel model, CudaDevice device, StageMemory memory, Supplier<String> plan) {
    this.model = model;
    this.config = model.config();
    this.device = device;
    rank = memory.adapterRank();
    low = allocate(memory.low(), plan);
    delta = allocate(memory.delta(), plan);
    slotAdapters = allocate(memory.pairs(), plan);
    slotRows = allocate(memory.pairs(), plan);
    slotTiles = allocate(memory.adapterTiles(), plan);
    firstTiles = allocate(memory.counts(), plan);
    tileCounts = allocate(memory.counts(), plan);
  }

  /** Null where the engine has no adapters. */
  private DeviceMemory allocate(long bytes, Supplier<String> plan) {
    return rank == 0 ? null : device.allocate(bytes, "adapters' products", plan);
  }

  void begin(StepTables next) {
    step = next;
  }

  /** What a product adds to its sums, by row, and which rows have it; both null for nothing. */
  record Delta(DeviceMemory values, DeviceMemory adapters) {
    static final Delta NONE = new Delta(null, null);
  }

  private boolean changes(AdapterSite site) {
    return site != null && site.changes(step.adapters());
  }

  /** Of queries, keys and values, in the order of rows that their matrix has. */
  Delta qkv(int layer, Activations normed) {
    AdapterSite site = model.adapters(layer).qkv();
    if (!changes(site)) {
      return Delta.NONE;
    }
    int queries = config.queryWidth();
    int keys = config.kvWidth();
    shrink(site, normed, config.hiddenSize(), Rows.TOKENS);
    expand(site, delta, Rows.TOKENS, queries + 2 * keys, queries, queries + keys, false);
    return new Delta(delta, step.at(Table.ADAPTERS));
  }

  /** Adds to x what attention's output projection leaves out. */
  void attentionOutput(int layer, Activations attended, DeviceMemory x) {
    AdapterSite site = model.adapters(layer).output();
    if (changes(site)) {
      int rows = config.hiddenSize();
      shrink(site, attended, config.queryWidth(), Rows.TOKENS);
      expand(site, x, Rows.TOKENS, rows, rows, rows, true);
    }
  }

  /** Groups the slots of a layer, when they are known, by expert and adapter. */
  void route(int layer, DeviceMemory counts, DeviceMemory slotTokens) {
    LayerAdapters adapters = model.adapters(layer);
    if (!changes(adapters.gateUp()) && !changes(adapters.down())) {
      return;
    }
    Kernel kernel = device.kernel("route_adapters");
    kernel
        .params()
        .put(counts, slotTokens, step.at(Table.ADAPTERS), step.at(Table.PRESENT_ADAPTERS))
        .put(slotAdapters, slotRows, slotTiles, firstTiles, tileCounts)
        .put(step.adapters().cardinality());
    kernel.launch(config.experts(), ROUTE_THREADS, 0);
  }

  /** Of gate and up rows, by slot, in the order of rows that the matrices have. */
  Delta expertsUp(int layer, Activations slots) {
    return experts(
        model.adapters(layer).gateUp(), slots, config.hiddenSize(), 2 * config.intermediateSize());
  }

  /** Of the down projections, by slot. */
  Delta expertsDown(int layer, Activations activated) {
    return experts(
        model.adapters(layer).down(), activated, config.intermediateSize(), config.hiddenSize());
  }

  private Delta experts(AdapterSite site, Activations slots, int width, int rows) {
    if (!changes(site)) {
      return Delta.NONE;
    }
    shrink(site, slots, width, Rows.SLOTS);
    expand(site, delta, Rows.SLOTS, rows, rows, rows, false);
    return new Delta(delta, slotAdapters);
  }

  /** What a product's rows are: tokens, or slots of experts. */
  private enum Rows {
    TOKENS,
    SLOTS
  }

  private KernelParams tiles(KernelParams params, Rows rows) {
    return rows == Rows.TOKENS
        ? params
            .put(step.at(Table.ADAPTER_TILES), step.at(Table.ADAPTER_ROWS))
            .put(step.at(Table.FIRST_ADAPTER_TILE), step.at(Table.ADAPTER_TILE_COUNT))
        : params.put(slotTiles, slotRows, firstTiles, tileCounts);
  }

  private void shrink(AdapterSite site, Activations in, int width, Rows rows) {
    Kernel kernel = device.kernel("lora_shrink");
    KernelParams params = kernel.params().put(site.matrices(), in.memory(), low);
    tiles(params, rows).put(width, in.room(), site.targets(), rank);
    launch(kernel, site.targets() * rank / Fragments.TILE_ROWS, rows);
  }

  /** The second and the third target have the output's rows from these on. */
  private void expand(
      AdapterSite site,
      DeviceMemory output,
      Rows rows,
      int width,
      int second,
      int third,
      boolean adds) {
    Kernel kernel = device.kernel("lora_expand");
    KernelParams params = kernel.params().put(site.matrices(), low, output);
    tiles(params, rows).put(width, second, third, site.targets(), rank, adds ? 1 : 0);
    launch(kernel, Fragments.up(width, EXPAND_ROWS), rows);
  }

  /**
   * A block for each tile of tokens; how many tiles an expert's slots make the host cannot tell.
   */
  private void launch(Kernel kernel, int blocks, Rows rows) {
    int groups = rows == Rows.TOKENS ? 1 : config.experts();
    int sharing =
        rows == Rows.TOKENS
            ? Math.min(MOST_BLOCKS, step.adapterTiles())
            : Fragments.up(BLOCKS_EACH * device.multiprocessors(), blocks * groups);
    kernel.launch(blocks, groups, sharing, THREADS, 0);
  }
}
