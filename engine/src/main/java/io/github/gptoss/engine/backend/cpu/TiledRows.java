package io.github.gptoss.engine.backend.cpu;

/**
 * Rows of activations in the order in which tiles read them. Rows that are multiplied together, a
 * group, are cut into tiles of so many as {@link Kernels#tileRows} says. A tile of n rows is
 * [columns][n], so that a kernel finds a column of all its rows side by side and needs one address
 * for them. A group begins where it would begin if its rows lay one after the other.
 */
final class TiledRows {
  /** Columns that are copied at a time, so that one large group occupies all threads. */
  private static final int COLUMNS = 512;

  private final Kernels kernels;
  private float[] data = new float[0];
  private int columns;

  TiledRows(Kernels kernels) {
    this.kernels = kernels;
  }

  /**
   * Takes groups of rows, of which the g-th has rows [starts[g], starts[g + 1]).
   *
   * @param x row r begins at {@code xOffsets[r]}
   * @param columns of a row
   * @param starts [groups + 1], the first of them 0
   */
  void fill(float[] x, int[] xOffsets, int columns, int[] starts, int groups, Workers workers) {
    int size = reserve(starts[groups], columns);
    int pieces = (columns + COLUMNS - 1) / COLUMNS;
    workers.run(
        groups * pieces,
        size,
        (item, worker) -> {
          int from = starts[item / pieces];
          int to = starts[item / pieces + 1];
          int k = item % pieces * COLUMNS;
          copy(x, xOffsets, from, to - from, from * columns, k, Math.min(columns, k + COLUMNS));
        });
  }

  /** Takes one group, rows {@code from} to {@code from + count}, on this thread. */
  void fill(float[] x, int[] xOffsets, int columns, int from, int count) {
    reserve(count, columns);
    copy(x, xOffsets, from, count, 0, 0, columns);
  }

  private int reserve(int rows, int columns) {
    this.columns = columns;
    if (data.length < rows * columns) {
      data = new float[rows * columns];
    }
    return rows * columns;
  }

  private void copy(float[] x, int[] xOffsets, int from, int count, int to, int kFrom, int kTo) {
    for (int t = 0, width; t < count; t += width) {
      width = kernels.tileRows(count - t);
      for (int i = 0; i < width; i++) {
        int source = xOffsets[from + t + i];
        int target = to + t * columns + i;
        for (int k = kFrom; k < kTo; k++) {
          data[target + k * width] = x[source + k];
        }
      }
    }
  }

  float[] data() {
    return data;
  }

  /** Where in {@link #data} a group begins whose first row is this one. */
  int offset(int row) {
    return row * columns;
  }
}
