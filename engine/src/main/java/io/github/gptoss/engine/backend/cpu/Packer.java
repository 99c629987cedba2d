package io.github.gptoss.engine.backend.cpu;

import io.github.gptoss.engine.error.InvalidModelException;
import io.github.gptoss.engine.tensor.DType;
import io.github.gptoss.engine.tensor.HalfFloat;
import io.github.gptoss.engine.tensor.StoredTensor;
import io.github.gptoss.engine.weights.DenseExperts;
import io.github.gptoss.engine.weights.ExpertMatrix;
import io.github.gptoss.engine.weights.Mxfp4Experts;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Brings matrices into {@link PackedMatrix}'s layout.
 *
 * <p>A matrix is read, not mapped, into off-heap memory and packed there in place, panel by panel:
 * memory never holds it twice, and the file's pages stay the kernel's to drop.
 */
final class Packer {
  private static final int PANEL = Kernels.PANEL_ROWS;
  private static final int BLOCK = Mxfp4Experts.BLOCK_ELEMENTS;

  /** Columns whose codes fill a 32-bit word. */
  private static final int WORD = 8;

  private Packer() {}

  /** Which row of a matrix becomes which row of its packed form. */
  private enum RowOrder {
    AS_STORED,
    /** Of each panel, the even rows (gates) come before the odd ones (ups). */
    EVEN_FIRST;

    /** The stored row, within a panel of {@code rows}, that becomes packed row {@code r}. */
    int source(int r, int rows) {
      return this == AS_STORED ? r : r < (rows + 1) / 2 ? 2 * r : 2 * (r - (rows + 1) / 2) + 1;
    }
  }

  /** Packs a matrix [rows, columns] of bf16, f16 or f32. */
  static PackedMatrix pack(StoredTensor matrix) {
    int rows = Math.toIntExact(matrix.dim(0));
    int columns = Math.toIntExact(matrix.dim(1));
    PackedMatrix.Format format = format(matrix);
    ByteBuffer buffer = read(matrix);
    if (format == PackedMatrix.Format.F32) {
      packInts(buffer, rows, columns, RowOrder.AS_STORED);
    } else {
      packShorts(buffer, rows, columns);
    }
    return PackedMatrix.of(format, rows, columns, buffer, null);
  }

  private static PackedMatrix.Format format(StoredTensor matrix) {
    return switch (matrix.dtype()) {
      case BF16 -> PackedMatrix.Format.BF16;
      case F16 -> PackedMatrix.Format.F16;
      case F32 -> PackedMatrix.Format.F32;
      default -> throw new IllegalArgumentException(matrix + " is not floating point");
    };
  }

  /** One matrix per expert; alternating gate and up rows get {@link Kernels#swiglu}'s order. */
  static PackedMatrix[] pack(ExpertMatrix experts, boolean gateUp) {
    RowOrder order = gateUp ? RowOrder.EVEN_FIRST : RowOrder.AS_STORED;
    PackedMatrix[] packed = new PackedMatrix[experts.experts()];
    for (int e = 0; e < packed.length; e++) {
      packed[e] =
          experts instanceof Mxfp4Experts mxfp4
              ? packMxfp4(mxfp4, e, order)
              : packDense((DenseExperts) experts, e, order);
    }
    return packed;
  }

  private static ByteBuffer read(StoredTensor tensor) {
    requireOneBuffer(tensor);
    ByteBuffer buffer =
        ByteBuffer.allocateDirect(Math.toIntExact(tensor.bytes())).order(ByteOrder.LITTLE_ENDIAN);
    tensor.read(buffer.duplicate(), 0);
    if (tensor.dtype() == DType.F16) {
      requireFinite(tensor, buffer);
    }
    return buffer;
  }

  /** A weight beyond float16's range became infinite when the checkpoint was saved. */
  private static void requireFinite(StoredTensor tensor, ByteBuffer halves) {
    for (int at = 0; at < halves.capacity(); at += Short.BYTES) {
      if (!Float.isFinite(HalfFloat.toFloat(halves.getShort(at)))) {
        throw new InvalidModelException(
            ("%s: tensor '%s' has a value that is not finite: float16 overflowed; save the"
                    + " checkpoint in BF16")
                .formatted(tensor.file(), tensor.name()));
      }
    }
  }

  /** A matrix is addressed by int offsets into one buffer, which the real model's all fit. */
  static void requireOneBuffer(StoredTensor tensor) {
    if (tensor.bytes() > Integer.MAX_VALUE) {
      throw new InvalidModelException(
          ("%s: tensor '%s' takes %d bytes as %s, and the CPU backend holds at most 2147483647 of a"
                  + " matrix: save the checkpoint in BF16")
              .formatted(tensor.file(), tensor.name(), tensor.bytes(), tensor.dtype()));
    }
  }

  private static PackedMatrix packMxfp4(Mxfp4Experts experts, int expert, RowOrder order) {
    int rows = experts.rows();
    int columns = experts.cols();
    ByteBuffer codes = read(experts.blocks().slice(expert, expert + 1));
    ByteBuffer scales = read(experts.scales().slice(expert, expert + 1));
    int words = columns / WORD;
    for (int i = 0; i < rows * words; i++) {
      codes.putInt(i * Integer.BYTES, packCodes(codes.getInt(i * Integer.BYTES)));
    }
    packInts(codes, rows, words, order);
    packBytes(scales, rows, columns / BLOCK, order);
    return PackedMatrix.of(PackedMatrix.Format.MXFP4, rows, columns, codes, scales);
  }

  /**
   * Turns eight E2M1 codes, sign and magnitude index t, into the packed codes 7 + t and 7 - t: all
   * eight nibbles at once, no carry or borrow crosses them.
   */
  static int packCodes(int word) {
    int magnitudes = word & 0x77777777;
    int negative = ((word >>> 3) & 0x11111111) * 0xF;
    int plus = 0x77777777 + magnitudes;
    int minus = 0x77777777 - magnitudes;
    return (plus & ~negative) | (minus & negative);
  }

  private static PackedMatrix packDense(DenseExperts experts, int expert, RowOrder order) {
    int rows = experts.rows();
    int columns = experts.cols();
    StoredTensor stored = experts.weights().slice(expert, expert + 1);
    ByteBuffer packed = read(stored);
    byte[] bytes = new byte[packed.capacity()];
    packed.get(0, bytes);
    ByteBuffer source = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    boolean isF32 = stored.dtype() == DType.F32;
    for (int from = 0; from < rows; from += PANEL) {
      int panelRows = Math.min(PANEL, rows - from);
      for (int k = 0; k < columns; k++) {
        for (int r = 0; r < panelRows; r++) {
          int s = k * rows + from + order.source(r, panelRows);
          if (isF32) {
            packed.putInt(source.getInt(s * Integer.BYTES));
          } else {
            packed.putShort(source.getShort(s * Short.BYTES));
          }
        }
      }
    }
    return PackedMatrix.of(format(stored), rows, columns, packed.clear(), null);
  }

  private static void packInts(ByteBuffer buffer, int rows, int columns, RowOrder order) {
    int[] source = new int[PANEL * columns];
    int[] packed = new int[PANEL * columns];
    var ints = buffer.asIntBuffer();
    for (int from = 0; from < rows; from += PANEL) {
      int panelRows = Math.min(PANEL, rows - from);
      ints.get(from * columns, source, 0, panelRows * columns);
      for (int r = 0; r < panelRows; r++) {
        int s = order.source(r, panelRows) * columns;
        for (int k = 0; k < columns; k++) {
          packed[k * panelRows + r] = source[s + k];
        }
      }
      ints.put(from * columns, packed, 0, panelRows * columns);
    }
  }

  private static void packShorts(ByteBuffer buffer, int rows, int columns) {
    short[] source = new short[PANEL * columns];
    short[] packed = new short[PANEL * columns];
    var shorts = buffer.asShortBuffer();
    for (int from = 0; from < rows; from += PANEL) {
      int panelRows = Math.min(PANEL, rows - from);
      shorts.get(from * columns, source, 0, panelRows * columns);
      for (int r = 0; r < panelRows; r++) {
        for (int k = 0; k < columns; k++) {
          packed[k * panelRows + r] = source[r * columns + k];
        }
      }
      shorts.put(from * columns, packed, 0, panelRows * columns);
    }
  }

  private static void packBytes(ByteBuffer bytes, int rows, int columns, RowOrder order) {
    byte[] source = new byte[PANEL * columns];
    byte[] packed = new byte[PANEL * columns];
    for (int from = 0; from < rows; from += PANEL) {
      int panelRows = Math.min(PANEL, rows - from);
      bytes.get(from * columns, source, 0, panelRows * columns);
      for (int r = 0; r < panelRows; r++) {
        int s = order.source(r, panelRows) * columns;
        for (int k = 0; k < columns; k++) {
          packed[k * panelRows + r] = source[s + k];
        }
      }
      bytes.put(from * columns, packed, 0, panelRows * columns);
    }
  }
}
