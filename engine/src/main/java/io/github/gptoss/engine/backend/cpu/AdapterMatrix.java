package io.github.gptoss.engine.backend.cpu;

import static io.github.gptoss.engine.backend.cpu.Kernels.PANEL_ROWS;

import io.github.gptoss.engine.error.InvalidModelException;
import io.github.gptoss.engine.lora.LowRank;
import io.github.gptoss.engine.tensor.DType;
import io.github.gptoss.engine.tensor.StoredTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What an adapter adds to one matrix, or to one for each expert, packed as the kernels read it.
 *
 * <p>B is packed as its base matrix is, so that their products line up. A has few rows, and a panel
 * has 32: where the rank is at most 16, a panel holds {@code pieces} pieces of A's columns, one
 * below the other, so that little of what is read is wasted. An element of A x is then the sum of
 * {@code pieces} chains, added in ascending order: an order that depends on the rank alone.
 *
 * @param scale what A x is multiplied by
 * @param inputs columns of A
 * @param pieces a power of two of at most 32
 * @param pieceColumns columns of the packed A
 * @param a by expert, [32 or more, pieceColumns]
 * @param b by expert, [outputs, rank]
 */
record AdapterMatrix(
    int rank,
    float scale,
    int inputs,
    int pieces,
    int pieceColumns,
    PackedMatrix[] a,
    PackedMatrix[] b) {

  /** Bytes of the heap that both take when they are packed, more than in the file. */
  static long bytes(LowRank low) {
    int rows = Kernels.panels(low.rank()) * PANEL_ROWS;
    long a = PackedMatrix.words(format(low.a().dtype()), rows, pieceColumns(low));
    long b = PackedMatrix.words(format(low.b().dtype()), low.outputs(), low.rank());
    return Integer.BYTES * low.experts() * (a + b);
  }

  private static int pieces(LowRank low) {
    return Math.max(1, Integer.highestOneBit(PANEL_ROWS / low.rank()));
  }

  private static int pieceColumns(LowRank low) {
    return (low.inputs() + pieces(low) - 1) / pieces(low);
  }

  private static PackedMatrix.Format format(DType dtype) {
    return switch (dtype) {
      case BF16 -> PackedMatrix.Format.BF16;
      case F16 -> PackedMatrix.Format.F16;
      case F32 -> PackedMatrix.Format.F32;
      default -> throw new IllegalArgumentException(dtype + " is not floating point");
    };
  }

  /** Packs both matrices; gateUp tells whether rows of B are alternating gate and up rows. */
  static AdapterMatrix load(LowRank low, boolean gateUp) {
    low.requireFinite();
    int pieces = pieces(low);
    int pieceColumns = pieceColumns(low);
    AdapterMatrix packed =
        new AdapterMatrix(
            low.rank(),
            low.scale(),
            low.inputs(),
            pieces,
            pieceColumns,
            new PackedMatrix[low.experts()],
            new PackedMatrix[low.experts()]);
    Values a = new Values(low.a());
    Values b = new Values(low.b());
    Packer.RowOrder order = gateUp ? Packer.RowOrder.EVEN_FIRST : Packer.RowOrder.AS_STORED;
    for (int e = 0; e < low.experts(); e++) {
      int expert = e;
      packed.a[e] =
          pack(
              a,
              Kernels.panels(low.rank()) * PANEL_ROWS,
              pieceColumns,
              (panel, r, k) -> {
                int piece = pieces == 1 ? 0 : r / packed.pieceRows();
                int row = pieces == 1 ? panel * PANEL_ROWS + r : r % packed.pieceRows();
                int column = packed.pieceStart(piece) + k;
                boolean isOwn = row < low.rank() && column >= piece * pieceColumns;
                return isOwn ? a.at(low.rowOfA(expert, row), column) : 0;
              });
      int rows = low.outputs();
      packed.b[e] =
          pack(
              b,
              rows,
              low.rank(),
              (panel, r, k) -> {
                int panelRows = Math.min(PANEL_ROWS, rows - panel * PANEL_ROWS);
                int row = panel * PANEL_ROWS + order.source(r, panelRows);
                return b.at(row, low.columnOfB(expert, k));
              });
    }
    return packed;
  }

  /** Rows of a piece within the panel, at least the rank; meaningless where there is one piece. */
  int pieceRows() {
    return PANEL_ROWS / pieces;
  }

  /**
   * The input that a piece begins with. The last pieces end with the inputs, and are 0 where they
   * repeat those of the piece before.
   */
  int pieceStart(int piece) {
    return Math.min(piece * pieceColumns, inputs - pieceColumns);
  }

  /** Bits of the value in row r of a panel and a column, as its type has them. */
  @FunctionalInterface
  private interface Source {
    int bits(int panel, int r, int column);
  }

  private static PackedMatrix pack(Values values, int rows, int columns, Source source) {
    PackedMatrix.Format format = format(values.dtype);
    int[] words = new int[Math.toIntExact(PackedMatrix.words(format, rows, columns))];
    PackedMatrix packed = new PackedMatrix(format, rows, columns, words, 0, 0);
    for (int p = 0; p < packed.panels(); p++) {
      int at = packed.panelOffset(p);
      int panelRows = packed.panelRows(p);
      if (format == PackedMatrix.Format.F32) {
        for (int k = 0; k < columns; k++) {
          for (int r = 0; r < panelRows; r++) {
            words[at++] = source.bits(p, r, k);
          }
        }
        continue;
      }
      int width = (panelRows + 1) / 2;
      for (int k = 0; k < columns; k++) {
        for (int r = 0; r < width; r++) {
          int upper = width + r < panelRows ? source.bits(p, width + r, k) : 0;
          words[at++] = source.bits(p, r, k) & 0xFFFF | upper << Short.SIZE;
        }
      }
    }
    return packed;
  }

  /** A tensor [rows, columns] that has been read. */
  private static final class Values {
    private final StoredTensor tensor;
    private final DType dtype;
    private final int columns;
    private final ByteBuffer bytes;

    Values(StoredTensor tensor) {
      if (tensor.bytes() > HeapBudget.LONGEST_ARRAY) {
        throw new InvalidModelException(
            "%s: tensor '%s' takes %d bytes, and the CPU backend reads at most %d of an adapter's"
                .formatted(tensor.file(), tensor.name(), tensor.bytes(), HeapBudget.LONGEST_ARRAY));
      }
      this.tensor = tensor;
      dtype = tensor.dtype();
      columns = Math.toIntExact(tensor.dim(1));
      bytes = ByteBuffer.allocate((int) tensor.bytes()).order(ByteOrder.LITTLE_ENDIAN);
      tensor.read(bytes, 0);
    }

    int at(int row, int column) {
      int i = row * columns + column;
      return dtype == DType.F32 ? bytes.getInt(i * Integer.BYTES) : bytes.getShort(i * Short.BYTES);
    }
  }
}
