package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.lora.LowRank;

/**
 * Sizes of weights in the fragment order that gemm.cuh describes: whole tiles of 16 x 64, in whole
 * groups of four on top of each other. Matrices of adapters are in tiles of 16 x 16 without groups,
 * since one of their sides is as short as the rank.
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

  /** As lora.cu has A of all experts. */
  static long bytesOfA(LowRank low) {
    return low.experts() * lowRankBytes(low.rank(), low.inputs());
  }

  /** As lora.cu has B of all experts. */
  static long bytesOfB(LowRank low) {
    return low.experts() * lowRankBytes(low.outputs(), low.rank());
  }

  /** One matrix of an adapter. */
  static long lowRankBytes(int rows, int columns) {
    return 2L * upToTiles(rows) * upToTiles(columns);
  }

  /** The least multiple of a tile's rows that holds so many. */
  static int upToTiles(int rows) {
    return up(rows, TILE_ROWS) * TILE_ROWS;
  }

  static int up(int value, int divisor) {
    return (value + divisor - 1) / divisor;
  }
}
