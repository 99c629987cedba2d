package io.github.gptoss.engine.backend.cuda;

/**
 * Sizes of weights in the fragment order that gemm.cuh describes: whole tiles of 16 x 64, in whole
 * groups of four on top of each other.
 */
final class Fragments {
  static final int TILE_ROWS = 16;
  static final int TILE_COLUMNS = 64;
  private static final int GROUP_TILES = 4;
  static final int BF16_TILE_BYTES = 2 * TILE_ROWS * TILE_COLUMNS;
  static final int CODE_TILE_BYTES = TILE_ROWS * TILE_COLUMNS / 2;
  static final int SCALE_TILE_BYTES = 2 * TILE_ROWS;

  private Fragments() {}

  static long tiles(int rows, int columns) {
    return (long) GROUP_TILES * up(rows, GROUP_TILES * TILE_ROWS) * up(columns, TILE_COLUMNS);
  }

  static int up(int value, int divisor) {
    return (value + divisor - 1) / divisor;
  }
}
