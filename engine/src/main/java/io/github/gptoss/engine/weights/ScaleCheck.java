package io.github.gptoss.engine.weights;

import io.github.gptoss.engine.tensor.StoredTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.OptionalLong;

/** Looks for the MXFP4 scale 255, which stands for NaN and would silently spoil every result. */
final class ScaleCheck {
  private static final int CHUNK_BYTES = 1 << 20;
  private static final int NAN_SCALE = 0xFF;
  private static final long ONES = 0x0101_0101_0101_0101L;
  private static final long HIGH_BITS = 0x8080_8080_8080_8080L;

  private ScaleCheck() {}

  /** Scans several tensors at a time; fails for the first of the list with a scale of 255. */
  static void check(List<StoredTensor> scales) {
    scales.parallelStream()
        .filter(tensor -> firstNan(tensor).isPresent())
        .findFirst()
        .ifPresent(
            tensor -> {
              throw CheckpointErrors.nanScale(tensor, firstNan(tensor).getAsLong());
            });
  }

  private static OptionalLong firstNan(StoredTensor scales) {
    ByteBuffer chunk =
        ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, scales.bytes()))
            .order(ByteOrder.nativeOrder());
    for (long from = 0; from < scales.bytes(); from += chunk.limit()) {
      chunk.clear();
      scales.read(chunk, from);
      chunk.flip();
      int index = indexOfNan(chunk);
      if (index >= 0) {
        return OptionalLong.of(from + index);
      }
    }
    return OptionalLong.empty();
  }

  /** Index of the first byte 255, or -1. */
  static int indexOfNan(ByteBuffer bytes) {
    int index = 0;
    while (index + Long.BYTES <= bytes.limit() && !hasNan(bytes.getLong(index))) {
      index += Long.BYTES;
    }
    while (index < bytes.limit()) {
      if ((bytes.get(index) & 0xFF) == NAN_SCALE) {
        return index;
      }
      index++;
    }
    return -1;
  }

  /** Whether a byte of eight is 255: its complement is 0, and only 0 borrows from its high bit. */
  private static boolean hasNan(long eight) {
    return ((~eight - ONES) & eight & HIGH_BITS) != 0;
  }
}
