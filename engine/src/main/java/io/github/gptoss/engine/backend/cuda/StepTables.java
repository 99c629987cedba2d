package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.backend.Step;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import jcuda.driver.CUevent;

/**
 * A step's integer arrays on a device, copied at once from page-locked memory. One of several that
 * are used in turn, so that the next step's can be written while this one's are read.
 */
final class StepTables {
  /** What kernels read of a step; the shapes are those of {@link Step}. */
  enum Table {
    IDS,
    POSITIONS,
    FULL_SLOTS,
    WINDOW_SLOTS,
    FULL_STARTS,
    FULL_BLOCKS,
    WINDOW_BLOCKS,
    LOGITS_ROWS,
    /** Items of sequences with so few tokens that one block computes them. */
    DECODE,
    PREFILL,
    /** By token, 0 for none; this and those below only where a sequence has an adapter. */
    ADAPTERS,
    /** Adapters that the step has, ascending. */
    PRESENT_ADAPTERS,
    /** Tokens that have an adapter, adapter after adapter. */
    ADAPTER_ROWS,
    /** Tiles of them, as lora.cuh has them, and how many. */
    ADAPTER_TILES,
    FIRST_ADAPTER_TILE,
    ADAPTER_TILE_COUNT
  }

  /** Rows, tokens times heads of a KV head, that one block of attention_decode takes. */
  private static final int DECODE_ROWS = 16;

  private static final int ITEM_INTS = 4;
  private static final int ALIGN_INTS = 4;

  /** Rows of a tile of lora.cuh. */
  static final int ADAPTER_TILE_ROWS = 16;

  private final CudaDevice device;
  private final int group; // heads that share a KV head
  private final boolean splitsKeys;
  private final CUevent copied;
  private PinnedMemory pinned;
  private DeviceMemory memory;
  private boolean used;

  private final List<int[]> decode = new ArrayList<>();
  private final List<int[]> prefill = new ArrayList<>();
  private final BitSet adapters = new BitSet();
  private final List<int[]> adapterTiles = new ArrayList<>();
  private int[] adapterOfToken = new int[0]; // [T] at least
  private int[] adapterRows = new int[0]; // likewise
  private int mostPrefillRows;

  private int tokens;
  private int at; // ints written

  /** Where each of the tables begins, in ints. */
  private final Map<Table, Integer> starts = new EnumMap<>(Table.class);

  private int ringBlocks;
  private int blockTokensLog2;

  /** Where {@code splitsKeys}, short items share their keys among warps. */
  StepTables(CudaDevice device, int group, boolean splitsKeys) {
    this.device = device;
    this.group = group;
    this.splitsKeys = splitsKeys;
    copied = device.event();
  }

  /** Copies what the kernels need of a step. */
  void begin(Step step) {
    if (used) {
      device.await(copied); // of the step that used this memory before
    }
    tokens = step.tokens();
    ringBlocks = step.ringBlocks();
    blockTokensLog2 = Integer.numberOfTrailingZeros(step.blockTokens());
    items(step);
    IntBuffer out = reserve(step);
    at = 0;
    put(out, Table.IDS, step.tokenIds(), tokens);
    put(out, Table.POSITIONS, step.positions(), tokens);
    slots(out, Table.FULL_SLOTS, step);
    slots(out, Table.WINDOW_SLOTS, step);
    put(out, Table.FULL_STARTS, step.fullStarts(), step.sequences() + 1);
    put(out, Table.FULL_BLOCKS, step.fullBlocks(), step.fullStarts()[step.sequences()]);
    put(out, Table.WINDOW_BLOCKS, step.windowBlocks(), step.sequences() * ringBlocks);
    put(out, Table.LOGITS_ROWS, step.logitsRows(), step.logitsCount());
    put(out, Table.DECODE, decode);
    put(out, Table.PREFILL, prefill);
    adapters(out, step);
    device.copyToDevice(memory, pinned.pointer(), 4L * at);
    device.record(copied);
    used = true;
  }

  private void items(Step step) {
    decode.clear();
    prefill.clear();
    mostPrefillRows = 0;
    for (int s = 0; s < step.sequences(); s++) {
      int first = step.starts()[s];
      int count = step.starts()[s + 1] - first;
      int[] item = {s, first, count, step.positions()[first]};
      if (splitsKeys && count * group <= DECODE_ROWS) {
        decode.add(item);
      } else {
        prefill.add(item);
        mostPrefillRows = Math.max(mostPrefillRows, count * group);
      }
    }
  }

  /** Groups the tokens that have an adapter; the order of a row's neighbours is nothing to it. */
  private void adapters(IntBuffer out, Step step) {
    adapters.clear();
    adapterTiles.clear();
    for (int s = 0; s < step.sequences(); s++) {
      adapters.set(step.adapters()[s]);
    }
    adapters.clear(0);
    if (adapters.isEmpty()) {
      return;
    }
    if (adapterOfToken.length < tokens) {
      adapterOfToken = new int[tokens];
      adapterRows = new int[tokens];
    }
    for (int s = 0; s < step.sequences(); s++) {
      Arrays.fill(adapterOfToken, step.starts()[s], step.starts()[s + 1], step.adapters()[s]);
    }
    int placed = 0;
    for (int adapter : adapters.stream().toArray()) {
      int first = placed;
      for (int t = 0; t < tokens; t++) {
        if (adapterOfToken[t] == adapter) {
          adapterRows[placed++] = t;
        }
      }
      for (int from = first; from < placed; from += ADAPTER_TILE_ROWS) {
        int count = Math.min(ADAPTER_TILE_ROWS, placed - from);
        adapterTiles.add(new int[] {0, adapter - 1, from, count});
      }
    }
    put(out, Table.ADAPTERS, adapterOfToken, tokens);
    put(out, Table.PRESENT_ADAPTERS, adapters.stream().toArray(), adapters.cardinality());
    put(out, Table.ADAPTER_ROWS, adapterRows, placed);
    put(out, Table.ADAPTER_TILES, adapterTiles);
    put(out, Table.FIRST_ADAPTER_TILE, new int[] {0}, 1);
    put(out, Table.ADAPTER_TILE_COUNT, new int[] {adapterTiles.size()}, 1);
  }

  private IntBuffer reserve(Step step) {
    long ints =
        4L * tokens
            + 2L * step.sequences()
            + step.fullStarts()[step.sequences()]
            + (long) step.sequences() * ringBlocks
            + step.logitsCount()
            + (long) ITEM_INTS * step.sequences()
            + 12L * ALIGN_INTS;
    if (Arrays.stream(step.adapters(), 0, step.sequences()).anyMatch(adapter -> adapter != 0)) {
      // Each sequence may have an adapter of its own, whose last tile is not full.
      long tiles = tokens / ADAPTER_TILE_ROWS + (long) step.sequences();
      ints += 2L * tokens + step.sequences() + ITEM_INTS * tiles + 8L * ALIGN_INTS;
    }
    if (pinned == null || pinned.bytes().capacity() < 4 * ints) {
      int bytes = Math.toIntExact(Math.max(8 * ints, 1 << 16));
      close();
      pinned = new PinnedMemory(device, bytes);
      memory = device.allocate(bytes, "a step's tables", () -> "a few MiB for them");
    }
    return pinned.bytes().clear().asIntBuffer();
  }

  private void put(IntBuffer out, Table table, int[] values, int count) {
    start(out, table);
    out.put(values, 0, count);
    at += count;
  }

  private void put(IntBuffer out, Table table, List<int[]> items) {
    start(out, table);
    items.forEach(out::put);
    at += ITEM_INTS * items.size();
  }

  /** Where each token's key and value go: block * blockTokens + place. */
  private void slots(IntBuffer out, Table table, Step step) {
    start(out, table);
    boolean window = table == Table.WINDOW_SLOTS;
    if (window ? ringBlocks == 0 : step.fullStarts()[step.sequences()] == 0) {
      return; // the model has no such layer
    }
    for (int s = 0; s < step.sequences(); s++) {
      for (int t = step.starts()[s]; t < step.starts()[s + 1]; t++) {
        int position = step.positions()[t];
        int block = step.block(s, position, window);
        out.put(block * step.blockTokens() + position % step.blockTokens());
      }
    }
    at += tokens;
  }

  private void start(IntBuffer out, Table table) {
    at = Fragments.up(at, ALIGN_INTS) * ALIGN_INTS; // items are read 16 bytes at a time
    out.position(at);
    starts.put(table, at);
  }

  DeviceMemory at(Table table) {
    return at(table, 0);
  }

  /** A table from one of its entries on. */
  DeviceMemory at(Table table, int from) {
    long byteFrom = 4L * (starts.get(table) + from);
    return memory.slice(byteFrom, memory.bytes() - byteFrom);
  }

  int tokens() {
    return tokens;
  }

  int ringBlocks() {
    return ringBlocks;
  }

  int blockTokensLog2() {
    return blockTokensLog2;
  }

  int decodeItems() {
    return decode.size();
  }

  int prefillItems() {
    return prefill.size();
  }

  /** Numbers of the adapters that the step's sequences have, from 1 on. */
  BitSet adapters() {
    return adapters;
  }

  int adapterTiles() {
    return adapterTiles.size();
  }

  /** Rows of the longest of the {@link Table#PREFILL} items. */
  int mostPrefillRows() {
    return mostPrefillRows;
  }

  private void close() {
    if (pinned != null) {
      pinned.close();
      device.free(memory);
    }
  }
}
