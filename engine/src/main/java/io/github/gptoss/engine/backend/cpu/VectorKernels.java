package io.github.gptoss.engine.backend.cpu;

/**
 * Kernels on the Vector API: lanes run along the 32 rows of a panel, so each lane is one output's
 * own chain and the number of lanes never changes a result. The loops are in small classes by what
 * they do, static and flat, because past a certain size the JIT stops inlining and boxes every
 * vector.
 */
final class VectorKernels implements Kernels {
  /** Up to here a second pass over a panel's bf16 costs less than writing it out as float32. */
  private static final int MOST_PACKED_TOKENS = 24;

  @Override
  public String description() {
    return "Vector API " + Lanes.F.vectorBitSize() + " bit";
  }

  @Override
  public void decode(
      PackedMatrix matrix, int panel, int kFrom, int kTo, float[] scratch, float[] out) {
    VectorDecoder.decode(matrix, panel, kFrom, kTo, scratch, out);
  }

  @Override
  public boolean multipliesPacked(PackedMatrix matrix, int panel, int tokens) {
    return matrix.format() == PackedMatrix.Format.BF16
        && matrix.panelRows(panel) == PANEL_ROWS
        && tokens <= MOST_PACKED_TOKENS;
  }

  @Override
  public void multiplyPacked(
      PackedMatrix matrix, int panel, float[] x, int[] xo, int xf, int tokens, float[] out) {
    VectorBf16Tiles.multiply(matrix, panel, x, xo, xf, tokens, out);
  }

  @Override
  public void multiply(
      float[] panel,
      int panelOffset,
      int panelStride,
      int columns,
      float[] x,
      int[] xo,
      int xf,
      int xShift,
      int tokens,
      float[] out,
      int outOffset,
      int outStride,
      boolean accumulate) {
    VectorTiles.multiply(
        panel,
        panelOffset,
        panelStride,
        columns,
        x,
        xo,
        xf,
        xShift,
        tokens,
        out,
        outOffset,
        outStride,
        accumulate);
  }

  @Override
  public float sumOfSquares(float[] x, int offset, int n) {
    return VectorRows.sumOfSquares(x, offset, n);
  }

  @Override
  public void scale(
      float[] x, int xOffset, float factor, float[] weight, float[] out, int outOffset, int n) {
    VectorRows.scale(x, xOffset, factor, weight, out, outOffset, n);
  }

  @Override
  public void add(float[] x, int xOffset, float[] y, int yOffset, int n) {
    VectorRows.add(x, xOffset, y, yOffset, n);
  }

  @Override
  public void addScaled(float[] x, int xOffset, float factor, float[] y, int yOffset, int n) {
    VectorRows.addScaled(x, xOffset, factor, y, yOffset, n);
  }

  @Override
  public float max(float[] x, int offset, int n) {
    return VectorRows.max(x, offset, n);
  }

  @Override
  public float expAndSum(float[] x, int offset, int n, float max) {
    return VectorRows.expAndSum(x, offset, n, max);
  }

  @Override
  public void swiglu(float[] in, int inOffset, float limit, float[] out, int outOffset, int n) {
    VectorRows.swiglu(in, inOffset, limit, out, outOffset, n);
  }
}
