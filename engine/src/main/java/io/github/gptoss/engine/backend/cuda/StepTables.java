package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.backend.Step;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import jcuda.driver.CUevent;

/**
 * A step's integer arrays on a device, copied at once from page-locked memory. One of several that
 * are used in turn, so that the next step's can be written while this one's are read.
 */
final class StepTables {
  /** Rows, tokens times heads of a KV head, that one block of attention_decode takes. */
  private static final int DECODE_ROWS = 16;

  private static final int ITEM_INTS = 4;
  private static final int ALIGN_INTS = 4;

  private final CudaDevice device;
  private final int group; // heads that share a KV head
  private final boolean splitsKeys;
  private final CUevent copied;
  private PinnedMemory pinned;
  private DeviceMemory memory;
  private boolean used;

  private final List<int[]> decode = new ArrayList<>();
  private final List<int[]> prefill = new ArrayList<>();
  private int mostPrefillRows;

  private int tokens;
  private int logitsCount;
  private int at; // ints written

  private int idsAt;
  private int positionsAt;
  private int fullSlotsAt;
  private int windowSlotsAt;
  private int fullStartsAt;
  private int fullBlocksAt;
  private int windowBlocksAt;
  private int logitsRowsAt;
  private int decodeAt;
  private int prefillAt;
  private int ringBlocks;
  private int blockTokensLog2;

  /**
   * @param splitsKeys whether short items are to share their keys among warps
   */
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
    logitsCount = step.logitsCount();
    ringBlocks = step.ringBlocks();
    blockTokensLog2 = Integer.numberOfTrailingZeros(step.blockTokens());
    items(step);
    IntBuffer out = reserve(step);
    at = 0;
    idsAt = put(out, step.tokenIds(), tokens);
    positionsAt = put(out, step.positions(), tokens);
    fullSlotsAt = slots(out, step, false);
    windowSlotsAt = slots(out, step, true);
    fullStartsAt = put(out, step.fullStarts(), step.sequences() + 1);
    fullBlocksAt = put(out, step.fullBlocks(), step.fullStarts()[step.sequences()]);
    windowBlocksAt = put(out, step.windowBlocks(), step.sequences() * ringBlocks);
    logitsRowsAt = put(out, step.logitsRows(), logitsCount);
    decodeAt = put(out, decode);
    prefillAt = put(out, prefill);
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

  private IntBuffer reserve(Step step) {
    long ints =
        4L * tokens
            + 2L * step.sequences()
            + step.fullStarts()[step.sequences()]
            + (long) step.sequences() * ringBlocks
            + logitsCount
            + (long) ITEM_INTS * step.sequences()
            + 12L * ALIGN_INTS;
    if (pinned == null || pinned.bytes().capacity() < 4 * ints) {
      int bytes = Math.toIntExact(Math.max(8 * ints, 1 << 16));
      close();
      pinned = new PinnedMemory(device, bytes);
      memory = device.allocate(bytes, "a step's tables", () -> "a few MiB for them");
    }
    return pinned.bytes().clear().asIntBuffer();
  }

  private int put(IntBuffer out, int[] values, int count) {
    int from = start(out);
    out.put(values, 0, count);
    at += count;
    return from;
  }

  private int put(IntBuffer out, List<int[]> items) {
    int from = start(out);
    items.forEach(out::put);
    at += ITEM_INTS * items.size();
    return from;
  }

  /** Where each token's key and value go: block * blockTokens + place. */
  private int slots(IntBuffer out, Step step, boolean window) {
    int from = start(out);
    if (window ? ringBlocks == 0 : step.fullStarts()[step.sequences()] == 0) {
      return from; // the model has no such layer
    }
    for (int s = 0; s < step.sequences(); s++) {
      for (int t = step.starts()[s]; t < step.starts()[s + 1]; t++) {
        int position = step.positions()[t];
        int entry = position / step.blockTokens();
        int block =
            window
                ? step.windowBlocks()[s * ringBlocks + entry % ringBlocks]
                : step.fullBlocks()[step.fullStarts()[s] + entry];
        out.put(block * step.blockTokens() + position % step.blockTokens());
      }
    }
    at += tokens;
    return from;
  }

  private int start(IntBuffer out) {
    at = Fragments.up(at, ALIGN_INTS) * ALIGN_INTS; // items are read 16 bytes at a time
    out.position(at);
    return at;
  }

  private DeviceMemory at(int ints) {
    return memory.slice(4L * ints, memory.bytes() - 4L * ints);
  }

  int tokens() {
    return tokens;
  }

  int logitsCount() {
    return logitsCount;
  }

  DeviceMemory ids() {
    return at(idsAt);
  }

  DeviceMemory positions() {
    return at(positionsAt);
  }

  DeviceMemory slots(boolean window) {
    return at(window ? windowSlotsAt : fullSlotsAt);
  }

  DeviceMemory blocks(boolean window) {
    return at(window ? windowBlocksAt : fullBlocksAt);
  }

  DeviceMemory fullStarts() {
    return at(fullStartsAt);
  }

  int ringBlocks() {
    return ringBlocks;
  }

  int blockTokensLog2() {
    return blockTokensLog2;
  }

  DeviceMemory logitsRows(int from) {
    return at(logitsRowsAt + from);
  }

  int decodeItems() {
    return decode.size();
  }

  DeviceMemory decode() {
    return at(decodeAt);
  }

  int prefillItems() {
    return prefill.size();
  }

  DeviceMemory prefill() {
    return at(prefillAt);
  }

  /** Rows of the longest of the {@link #prefill} items. */
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
