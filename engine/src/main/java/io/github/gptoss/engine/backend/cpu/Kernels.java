package io.github.gptoss.engine.backend.cpu;

/**
 * The inner loops of the CPU backend. Every implementation gives the same bits: an output element
 * is one chain of float32 fused multiply-adds over ascending k that starts at +0, whatever the tile
 * it is computed in; sums over a row follow {@link #sumOfSquares}'s fixed order; transcendental
 * functions are built from the same additions, multiplications and fused multiply-adds. See
 * docs/adr/0002-cpu-summation-order.md.
 */
interface Kernels {
  /** Rows of a panel, the unit in which a matrix is packed, decoded and shared out to threads. */
  int PANEL_ROWS = 32;

  /** Partial sums in which {@link #sumOfSquares} and {@link #expAndSum} add up a row. */
  int PARTIAL_SUMS = 16;

  /** Panels of so many rows, of which the last may have fewer than 32. */
  static int panels(int rows) {
    return (rows + PANEL_ROWS - 1) / PANEL_ROWS;
  }

  /** Names the implementation, for instance {@code Vector API 512 bit}. */
  String description();

  /**
   * Decodes columns [kFrom, kTo) of a panel to float32, out [kTo - kFrom, 32]; rows beyond the
   * matrix are zero. kFrom is a multiple of {@link PackedMatrix#GROUP}.
   */
  void decode(PackedMatrix matrix, int panel, int kFrom, int kTo, float[] out);

  /**
   * How many rows the next tile of {@link TiledRows} takes of those that are left: any number in
   * [1, left].
   */
  default int tileRows(int left) {
    return 1;
  }

  /** Whether {@link #multiplyPacked} takes this panel and beats decoding it to float32 first. */
  default boolean multipliesPacked(PackedMatrix matrix, int panel, int tokens) {
    return false;
  }

  /**
   * Multiplies columns [k, k + columns) of one panel, decoding them in registers, and goes on with
   * the chains in out: out[t][r] += sum over those columns of x[t][k] * panel[k][r].
   *
   * @param k a multiple of {@link PackedMatrix#GROUP}
   * @param columns at most {@link PackedMatrix#GROUP}
   * @param x tiles of rows of all the matrix's columns, from xOffset, see {@link TiledRows}
   * @param out [tokens, 32] from outOffset
   */
  default void multiplyPacked(
      PackedMatrix matrix,
      int panel,
      int k,
      int columns,
      float[] x,
      int xOffset,
      int tokens,
      float[] out,
      int outOffset) {
    throw new IllegalArgumentException("these kernels decode panels first");
  }

  /**
   * Multiplies columns [k, k + columns) of one panel that are decoded, and goes on with the chains
   * in out: out[t][r] += sum over those columns of x[t][k] * panel[k][r].
   *
   * @param panel [columns, 32]
   * @param x tiles of rows of {@code allColumns}, from xOffset, see {@link TiledRows}
   * @param out [tokens, 32] from outOffset
   */
  void multiplyTiled(
      float[] panel,
      int k,
      int columns,
      int allColumns,
      float[] x,
      int xOffset,
      int tokens,
      float[] out,
      int outOffset);

  /**
   * Multiplies a float32 panel by rows wherever they lie: out[t][r] (+)= sum over k of x[t][k] *
   * panel[k][r], r in [0, 32).
   *
   * @param panel [columns, 32] from panelOffset
   * @param xShift added to every entry of xOffsets
   * @param out row t starts at outOffset + t * outStride
   * @param accumulate whether the chains go on from what out holds, or start at +0
   */
  void multiply(
      float[] panel,
      int panelOffset,
      int columns,
      float[] x,
      int[] xOffsets,
      int xFrom,
      int xShift,
      int tokens,
      float[] out,
      int outOffset,
      int outStride,
      boolean accumulate);

  /**
   * Sum of x[i]^2 over n values: partial sum j takes the elements i with i % 16 == j in ascending
   * order, then partial sums are added pairwise: j and j + 8, j and j + 4, j and j + 2, j and j +
   * 1.
   */
  float sumOfSquares(float[] x, int offset, int n);

  /** out[i] = x[i] * factor * weight[i]. */
  void scale(
      float[] x, int xOffset, float factor, float[] weight, float[] out, int outOffset, int n);

  /** x[i] = x[i] + y[i]. */
  void add(float[] x, int xOffset, float[] y, int yOffset, int n);

  /** x[i] = fma(factor, y[i], x[i]). */
  void addScaled(float[] x, int xOffset, float factor, float[] y, int yOffset, int n);

  /** The largest of n values, n &gt; 0. */
  float max(float[] x, int offset, int n);

  /** Replaces x[i] by exp(x[i] - max), 0 for -infinity; sums in {@link #sumOfSquares}'s order. */
  float expAndSum(float[] x, int offset, int n, float max);

  /**
   * Clamped SwiGLU of one panel whose first 16 rows are gates and last 16 the matching up rows:
   * out[i] = g * sigmoid(1.702 g) * (u + 1) with g = min(gate, limit), u = clamp(up, -limit,
   * limit). The bias is in [32] already; out receives n values, n at most 16.
   */
  void swiglu(float[] in, int inOffset, float limit, float[] out, int outOffset, int n);
}
