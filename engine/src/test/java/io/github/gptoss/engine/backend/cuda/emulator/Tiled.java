package io.github.gptoss.engine.backend.cuda.emulator;

/** The orders of activations.cuh, written down a second time. */
final class Tiled {
  private static final int COLUMNS = 64;
  private static final short NAN = 0x7fc0;

  private Tiled() {}

  static int elements(int room, int width) {
    return (width + COLUMNS - 1) / COLUMNS * COLUMNS * room;
  }

  private static int at(int room, int row, int column) {
    int chunk = column % COLUMNS / 8 ^ row % 8;
    return (column / COLUMNS * room + row) * COLUMNS + chunk * 8 + column % 8;
  }

  /** Rows in order, with NaN in the rows that there is room for beyond. */
  static short[] of(short[] plain, int width, int room) {
    int rows = plain.length / width;
    short[] tiled = new short[elements(room, width)];
    for (int row = rows; row < room; row++) {
      for (int column = 0; column < width; column++) {
        tiled[at(room, row, column)] = NAN;
      }
    }
    for (int i = 0; i < plain.length; i++) {
      tiled[at(room, i / width, i % width)] = plain[i];
    }
    return tiled;
  }

  /** Room without a row: NaN, and zeros in columns beyond the width. */
  static short[] empty(int width, int room) {
    return of(new short[0], width, room);
  }

  static short[] plain(short[] tiled, int rows, int width, int room) {
    short[] plain = new short[rows * width];
    for (int i = 0; i < plain.length; i++) {
      plain[i] = tiled[at(room, i / width, i % width)];
    }
    return plain;
  }

  /** Where in its row of the KV cache an element of a head is. */
  static int inHead(int head, int position, int element) {
    int spread = Math.min(8, Integer.lowestOneBit(head / 8));
    int turn = position % 8 * spread / 8;
    return (element / 8 ^ turn) * 8 + element % 8;
  }
}
