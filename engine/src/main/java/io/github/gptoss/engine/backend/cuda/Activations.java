package io.github.gptoss.engine.backend.cuda;

/**
 * Activations in the order that products read them in (activations.cuh).
 *
 * @param room rows that there is room for
 */
record Activations(DeviceMemory memory, int room) {
  private static final int BF16_BYTES = 2;

  /** Columns that lie together; a width is rounded up to whole blocks of them. */
  static final int COLUMNS = 64;

  static long bytes(int rows, int width) {
    return (long) BF16_BYTES * rows * Fragments.up(width, COLUMNS) * COLUMNS;
  }
}
