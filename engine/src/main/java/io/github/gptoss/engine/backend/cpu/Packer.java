package io.github.gptoss.engine.backend.cpu;

import static io.github.gptoss.engine.backend.cpu.HeapBudget.LONGEST_ARRAY;
import static io.github.gptoss.engine.backend.cpu.PackedMatrix.BLOCK;
import static io.github.gptoss.engine.backend.cpu.PackedMatrix.GROUP;

import io.github.gptoss.engine.error.InvalidModelException;
import io.github.gptoss.engine.tensor.StoredTensor;
import io.github.gptoss.engine.weights.DenseExperts;
import io.github.gptoss.engine.weights.ExpertMatrix;
import io.github.gptoss.engine.weights.Mxfp4Experts;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.IntConsumer;

/**
 * Brings matrices into {@link PackedMatrix}'s layout. Holds the memory that it reads into; not for
 * two threads.
 *
 * <p>A matrix is read, not mapped, some panels at a time, and packed into its place on the heap:
 * memory never holds it twice, and the file's pages stay the kernel's to drop. The experts of a
 * layer share an array, because G1 gives a large array whole regions of up to 32 MiB.
 */
final class Packer {
  private static final int PANEL = Kernels.PANEL_ROWS;

  /** Bytes read at a time, or one panel's if those are more. */
  private static final int READ_BYTES = 4 << 20;

  /** Words of a row that are transposed at a time: a 2 KiB strip stays in the nearest cache. */
  private static final int STRIP = GROUP / PackedMatrix.CODES;

  /** Words of a block of MXFP4. */
  private static final int BLOCK_WORDS = BLOCK / PackedMatrix.CODES;

  /** The scale byte of 1. */
  private static final byte ONE = 127;

  private ByteBuffer bytes = direct(0);
  private byte[] scales = new byte[0]; // [rows, blocks] of one expert's matrix
  private int[] panel = new int[0]; // [panel's rows, width] as stored
  private short[] halves = new short[0]; // the same of 16-bit formats

  /** Which row of a matrix becomes which row of its packed form. */
  enum RowOrder {
    AS_STORED,
    /** Of each panel, the even rows (gates) come before the odd ones (ups). */
    EVEN_FIRST;

    /** The stored row, within a panel of {@code rows}, that becomes packed row {@code r}. */
    int source(int r, int rows) {
      return this == AS_STORED ? r : r < (rows + 1) / 2 ? 2 * r : 2 * (r - (rows + 1) / 2) + 1;
    }
  }

  /** Packs a matrix [rows, columns] of bf16, f16 or f32. */
  PackedMatrix pack(StoredTensor matrix) {
    requireOneArray(matrix);
    PackedMatrix.Format format = format(matrix);
    int rows = Math.toIntExact(matrix.dim(0));
    int columns = Math.toIntExact(matrix.dim(1));
    int[] words = new int[Math.toIntExact(PackedMatrix.words(format, rows, columns))];
    PackedMatrix packed = new PackedMatrix(format, rows, columns, words, 0, 0);
    readPanels(
        matrix,
        rows,
        p -> {
          if (format == PackedMatrix.Format.F32) {
            loadWords(packed.panelRows(p), columns);
          } else {
            loadHalves(packed.panelRows(p), columns);
          }
          place(matrix, packed, p, RowOrder.AS_STORED);
        });
    return packed;
  }

  private static PackedMatrix.Format format(StoredTensor matrix) {
    return switch (matrix.dtype()) {
      case BF16 -> PackedMatrix.Format.BF16;
      case F16 -> PackedMatrix.Format.F16;
      case F32 -> PackedMatrix.Format.F32;
      default -> throw new IllegalArgumentException(matrix + " is not floating point");
    };
  }

  /** A matrix is addressed by int offsets into one array, which the real model's all fit. */
  static void requireOneArray(StoredTensor tensor) {
    long most = (long) LONGEST_ARRAY * Integer.BYTES;
    if (tensor.bytes() > most) {
      throw new InvalidModelException(
          ("%s: tensor '%s' takes %d bytes as %s, and the CPU backend holds at most %d of a"
                  + " matrix: save the checkpoint in BF16")
              .formatted(tensor.file(), tensor.name(), tensor.bytes(), tensor.dtype(), most));
    }
  }

  /** One matrix per expert; alternating gate and up rows get {@link Kernels#swiglu}'s order. */
  PackedMatrix[] pack(ExpertMatrix experts, boolean gateUp) {
    RowOrder order = gateUp ? RowOrder.EVEN_FIRST : RowOrder.AS_STORED;
    PackedMatrix.Format format =
        experts instanceof DenseExperts dense ? format(dense.weights()) : PackedMatrix.Format.MXFP4;
    long words = PackedMatrix.words(format, experts.rows(), experts.cols());
    int together = (int) Math.max(1, LONGEST_ARRAY / words);
    PackedMatrix[] packed = new PackedMatrix[experts.experts()];
    int[] array = new int[0];
    for (int e = 0; e < packed.length; e++) {
      int from = (int) (e % together * words);
      if (from == 0) {
        array = new int[Math.toIntExact(Math.min(together, packed.length - e) * words)];
      }
      PackedMatrix empty = new PackedMatrix(format, experts.rows(), experts.cols(), array, from, 0);
      packed[e] =
          experts instanceof DenseExperts dense
              ? packDense(dense.weights().slice(e, e + 1), order, empty)
              : packMxfp4((Mxfp4Experts) experts, e, order, empty);
    }
    return packed;
  }

  private PackedMatrix packMxfp4(
      Mxfp4Experts experts, int expert, RowOrder order, PackedMatrix packed) {
    StoredTensor stored = experts.scales().slice(expert, expert + 1);
    int scaleBytes = Math.toIntExact(stored.bytes());
    fill(stored, 0, scaleBytes);
    if (scales.length < scaleBytes) {
      scales = new byte[scaleBytes];
    }
    bytes.get(0, scales, 0, scaleBytes);
    int[] mostScale = new int[1];
    readPanels(
        experts.blocks().slice(expert, expert + 1),
        packed.rows(),
        p -> {
          int width = packed.columns() / PackedMatrix.CODES;
          loadWords(packed.panelRows(p), width);
          mostScale[0] = Math.max(mostScale[0], normalizeScales(packed, p));
          packScales(packed, p, order);
          for (int i = 0; i < packed.panelRows(p) * width; i++) {
            panel[i] = packCodes(panel[i]);
          }
          transpose(packed, p, order, width);
        });
    return new PackedMatrix(
        packed.format(),
        packed.rows(),
        packed.columns(),
        packed.words(),
        packed.from(),
        mostScale[0]);
  }

  /**
   * A block of zeros may have any scale, and gets one that does no harm; returns the largest scale
   * of the other blocks.
   */
  private int normalizeScales(PackedMatrix packed, int p) {
    int blocks = packed.columns() / BLOCK;
    int from = p * PANEL * blocks;
    int most = 0;
    for (int i = 0; i < packed.panelRows(p) * blocks; i++) {
      int scale = scales[from + i] & 0xFF;
      if (scale > ONE) {
        int magnitudes = 0;
        for (int w = i * BLOCK_WORDS; w < (i + 1) * BLOCK_WORDS; w++) {
          magnitudes |= panel[w] & 0x77777777;
        }
        if (magnitudes == 0) {
          scales[from + i] = ONE;
          scale = ONE;
        }
      }
      most = Math.max(most, scale);
    }
    return most;
  }

  private void packScales(PackedMatrix packed, int p, RowOrder order) {
    int blocks = packed.columns() / BLOCK;
    int panelRows = packed.panelRows(p);
    for (int group = 0; group < packed.columns(); group += GROUP) {
      int inGroup = Math.min(GROUP, packed.columns() - group) / BLOCK;
      int at = packed.groupOffset(p, group);
      for (int r = 0; r < panelRows; r++) {
        int s = (p * PANEL + order.source(r, panelRows)) * blocks + group / BLOCK;
        int word = 0;
        for (int b = 0; b < inGroup; b++) {
          word |= (scales[s + b] & 0xFF) << (b * Byte.SIZE);
        }
        packed.words()[at + r] = word;
      }
    }
  }

  /** Gathers the nibbles of even columns in the lower half of a word, the others in the upper. */
  static int packCodes(int word) {
    return everyOther(word) | everyOther(word >>> 4) << Short.SIZE;
  }

  /** Nibbles 0, 2, 4 and 6, side by side. */
  private static int everyOther(int nibbles) {
    int bytes = nibbles & 0x0F0F0F0F;
    int pairs = (bytes | bytes >>> 4) & 0x00FF00FF;
    return (pairs | pairs >>> 8) & 0xFFFF;
  }

  /** Packs a matrix that is stored transposed, [1, columns, rows]. */
  private PackedMatrix packDense(StoredTensor stored, RowOrder order, PackedMatrix packed) {
    requireOneBuffer(stored);
    fill(stored, 0, Math.toIntExact(stored.bytes()));
    int columns = packed.columns();
    for (int p = 0; p < packed.panels(); p++) {
      int panelRows = packed.panelRows(p);
      if (packed.format() == PackedMatrix.Format.F32) {
        reserve(panelRows * columns);
      } else {
        reserveHalves(panelRows * columns);
      }
      for (int k = 0; k < columns; k++) {
        for (int r = 0; r < panelRows; r++) {
          int source = k * packed.rows() + p * PANEL + r;
          if (packed.format() == PackedMatrix.Format.F32) {
            panel[r * columns + k] = bytes.getInt(source * Integer.BYTES);
          } else {
            halves[r * columns + k] = bytes.getShort(source * Short.BYTES);
          }
        }
      }
      place(stored, packed, p, order);
    }
    return packed;
  }

  private static void requireOneBuffer(StoredTensor expert) {
    if (expert.bytes() > LONGEST_ARRAY) {
      throw new InvalidModelException(
          "%s: tensor '%s' takes %d bytes, and the CPU backend reads experts of at most %d"
              .formatted(expert.file(), expert.name(), expert.bytes(), LONGEST_ARRAY));
    }
  }

  /** Calls for each panel, whose rows then begin at the position of {@link #bytes}. */
  private void readPanels(StoredTensor matrix, int rows, IntConsumer action) {
    int panelBytes = Math.toIntExact(matrix.bytes() / rows * PANEL);
    int together = Math.max(1, READ_BYTES / panelBytes);
    for (int p = 0; p * PANEL < rows; p++) {
      if (p % together == 0) {
        fill(matrix, (long) p * panelBytes, together * panelBytes);
      }
      bytes.position(p % together * panelBytes);
      action.accept(p);
    }
  }

  private void fill(StoredTensor tensor, long byteFrom, int count) {
    if (bytes.capacity() < count) {
      bytes = direct(count);
    }
    tensor.read(bytes.clear().limit(count), byteFrom);
    bytes.clear();
  }

  private static ByteBuffer direct(int capacity) {
    return ByteBuffer.allocateDirect(capacity).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Takes a panel's rows of {@code width} words each. */
  private void loadWords(int rows, int width) {
    reserve(rows * width);
    bytes.slice().order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(panel, 0, rows * width);
  }

  private void reserve(int words) {
    if (panel.length < words) {
      panel = new int[words];
    }
  }

  /** Takes a panel's rows of {@code columns} 16-bit values each. */
  private void loadHalves(int rows, int columns) {
    reserveHalves(rows * columns);
    bytes.slice().order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(halves, 0, rows * columns);
  }

  private void reserveHalves(int count) {
    if (halves.length < count) {
      halves = new short[count];
    }
  }

  /** Writes a loaded panel of floating-point values to its place. */
  private void place(StoredTensor stored, PackedMatrix packed, int p, RowOrder order) {
    if (packed.format() == PackedMatrix.Format.F32) {
      transpose(packed, p, order, packed.columns());
    } else {
      pairHalves(packed, p, order);
      requireFinite(stored, packed, p);
    }
  }

  /** A weight beyond float16's range became infinite when the checkpoint was saved. */
  private void requireFinite(StoredTensor tensor, PackedMatrix packed, int p) {
    if (packed.format() != PackedMatrix.Format.F16) {
      return;
    }
    int exponent = 0x7C00;
    for (int i = 0; i < packed.panelRows(p) * packed.columns(); i++) {
      if ((halves[i] & exponent) == exponent) {
        throw new InvalidModelException(
            ("%s: tensor '%s' has a value that is not finite: float16 overflowed; save the"
                    + " checkpoint in BF16")
                .formatted(tensor.file(), tensor.name()));
      }
    }
  }

  /** Writes the panel's 16-bit values to their places, two rows a word. */
  private void pairHalves(PackedMatrix packed, int p, RowOrder order) {
    int rows = packed.panelRows(p);
    int columns = packed.columns();
    int width = (rows + 1) / 2;
    int[] out = packed.words();
    for (int strip = 0; strip < columns; strip += STRIP) {
      int to = Math.min(columns, strip + STRIP);
      for (int r = 0; r < width; r++) {
        int lower = order.source(r, rows) * columns;
        boolean paired = width + r < rows;
        int upper = paired ? order.source(width + r, rows) * columns : 0;
        int at = packed.panelOffset(p) + r;
        for (int k = strip; k < to; k++) {
          int high = paired ? halves[upper + k] << Short.SIZE : 0;
          out[at + k * width] = halves[lower + k] & 0xFFFF | high;
        }
      }
    }
  }

  /** Writes the panel's words, {@code width} a row, to their places, strip by strip. */
  private void transpose(PackedMatrix packed, int p, RowOrder order, int width) {
    int rows = packed.panelRows(p);
    int[] out = packed.words();
    int scaleRows = packed.format() == PackedMatrix.Format.MXFP4 ? 1 : 0;
    int at = packed.panelOffset(p);
    for (int strip = 0; strip < width; strip += STRIP) {
      at += scaleRows * rows;
      int words = Math.min(STRIP, width - strip);
      for (int r = 0; r < rows; r++) {
        int s = order.source(r, rows) * width + strip;
        for (int w = 0; w < words; w++) {
          out[at + w * rows + r] = panel[s + w];
        }
      }
      at += words * rows;
    }
  }
}
