package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.backend.SampleRow;
import io.github.gptoss.engine.sampling.SamplingParams;
import io.github.gptoss.engine.sampling.TokenHistory;
import io.github.gptoss.engine.sampling.TokenSet;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import jcuda.driver.CUevent;

/**
 * How the rows of some logits are to be sampled, in sample.cu's structs. Written to page-locked
 * memory and copied at once; several are used in turn, so that the next can be written while this
 * one is read.
 */
final class SampleTables {
  private static final int ROW_BYTES = 96;
  private static final int ADJUSTMENT_BYTES = 16;

  /** A token that neither prompt nor output holds. */
  private static final int UNSEEN = -1;

  private final CudaDevice device;
  private final int maskBytes;
  private final CUevent copied;
  private PinnedMemory pinned;
  private DeviceMemory memory;
  private boolean used;
  private long adjustmentsAt;
  private boolean adjusts;
  private long masksAt;
  private boolean hasMasks;
  private boolean wantsDetails;
  private DeviceMemory weights; // of as many rows as ever asked for them at once; null for none
  private int weighed;

  /**
   * @param vocabulary how many token ids there are
   */
  SampleTables(CudaDevice device, int vocabulary) {
    this.device = device;
    maskBytes = (vocabulary + 31) / 32 * Integer.BYTES;
    copied = device.event();
  }

  /** Copies rows [from, from + count) to the device. */
  void begin(SampleRow[] rows, int from, int count) {
    if (used) {
      device.await(copied); // of what used this memory before
    }
    int most = 0;
    hasMasks = false;
    wantsDetails = false;
    weighed = 0;
    for (int i = 0; i < count; i++) {
      SampleRow row = rows[from + i];
      most += row.params().logitBias().size();
      most += row.params().usesHistory() ? row.history().distinct() : 0;
      hasMasks |= row.allowed() != null;
      wantsDetails |= row.params().logprobs() >= 0;
    }
    reserve(count * ROW_BYTES + most * ADJUSTMENT_BYTES + (hasMasks ? count * maskBytes : 0));
    ByteBuffer out = pinned.bytes().clear();
    adjustmentsAt = (long) count * ROW_BYTES;
    int adjustments = 0;
    for (int i = 0; i < count; i++) {
      int own = adjust(out, rows[from + i], adjustments);
      int place = TokenLists.holds(rows[from + i]) ? weighed++ : -1;
      put(out.position(i * ROW_BYTES), rows[from + i], adjustments, own, place);
      adjustments += own;
    }
    adjusts = adjustments > 0;
    masksAt = adjustmentsAt + (long) adjustments * ADJUSTMENT_BYTES;
    for (int i = 0; hasMasks && i < count; i++) {
      putMask(out.position((int) masksAt + i * maskBytes), rows[from + i].allowed());
    }
    if (weighed > 0 && (weights == null || weights.bytes() < TokenLists.bytes(weighed))) {
      if (weights != null) {
        device.free(weights);
      }
      long bytes = TokenLists.bytes(2 * weighed);
      weights = device.allocate(bytes, "tokens' weights", () -> "some KiB a row for them");
    }
    device.copyToDevice(
        memory, pinned.pointer(), masksAt + (hasMasks ? (long) count * maskBytes : 0));
    device.record(copied);
    used = true;
  }

  private static void put(ByteBuffer out, SampleRow row, int adjustments, int own, int place) {
    SamplingParams params = row.params();
    out.putDouble(params.greedy() ? 0 : 1 / params.temperature())
        .putDouble(params.topP())
        .putDouble(params.minP())
        .putDouble(params.repetitionPenalty())
        .putDouble(params.presencePenalty())
        .putDouble(params.frequencyPenalty())
        .putLong(params.seed())
        .putLong(row.position())
        .putInt(params.greedy() ? 1 : 0)
        .putInt(Math.max(0, params.topK()))
        .putInt(adjustments)
        .putInt(own)
        .putInt(params.logprobs())
        .putInt(place)
        .putDouble(row.leastProbability());
  }

  /** Beside rows whose tokens are limited, the others allow all. */
  private void putMask(ByteBuffer out, TokenSet allowed) {
    if (allowed != null) {
      allowed.writeTo(out);
      return;
    }
    for (int i = 0; i < maskBytes; i++) {
      out.put((byte) -1);
    }
  }

  /** Writes a row's adjustments, one for each token that is seen or biased; returns how many. */
  private int adjust(ByteBuffer out, SampleRow row, int before) {
    SamplingParams params = row.params();
    if (!params.adjustsLogits()) {
      return 0;
    }
    Map<Integer, Float> biases = new HashMap<>(params.logitBias().values());
    out.position((int) adjustmentsAt + before * ADJUSTMENT_BYTES);
    int written = 0;
    if (params.usesHistory()) {
      TokenHistory history = row.history();
      for (int i = 0; i < history.distinct(); i++) {
        Float extra = biases.remove(history.id(i));
        out.putInt(history.id(i))
            .putInt(history.outputCount(i))
            .putFloat(extra == null ? 0 : extra)
            .putFloat(0);
        written++;
      }
    }
    for (Map.Entry<Integer, Float> left : biases.entrySet()) {
      out.putInt(left.getKey()).putInt(UNSEEN).putFloat(left.getValue()).putFloat(0);
      written++;
    }
    return written;
  }

  private void reserve(int bytes) {
    if (pinned == null || pinned.bytes().capacity() < bytes) {
      if (pinned != null) {
        pinned.close();
        device.free(memory);
      }
      int grown = Math.max(2 * bytes, 1 << 14);
      pinned = new PinnedMemory(device, grown);
      memory = device.allocate(grown, "how rows are sampled", () -> "a few MiB for it");
    }
  }

  DeviceMemory rows() {
    return memory;
  }

  DeviceMemory adjustments() {
    return memory.slice(adjustmentsAt, memory.bytes() - adjustmentsAt);
  }

  /** Which tokens each row may choose, [rows, vocabulary / 32 rounded up] words; null for all. */
  DeviceMemory masks() {
    return hasMasks ? memory.slice(masksAt, memory.bytes() - masksAt) : null;
  }

  boolean adjusts() {
    return adjusts;
  }

  /** How many rows ask for the weights of what they allow. */
  int weighed() {
    return weighed;
  }

  /** What sample.cu has found for those, in their order; null where there never were any. */
  DeviceMemory weights() {
    return weights;
  }

  /** Whether a row asks for log-probabilities. */
  boolean wantsDetails() {
    return wantsDetails;
  }
}
