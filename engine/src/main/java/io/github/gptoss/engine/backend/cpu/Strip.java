package io.github.gptoss.engine.backend.cpu;

import java.util.ArrayList;
import java.util.List;

/**
 * Consecutive panels that a thread multiplies together.
 *
 * @param matrix which of the matrices that are multiplied by the same rows
 * @param first the first panel
 * @param panels how many
 */
record Strip(int matrix, int first, int panels) {
  /** Two places of memory that a core reads in turn: with more it is no faster. */
  private static final int MOST_PANELS = 2;

  /** Strips for each thread that make up for their unequal times. */
  private static final int STRIPS_PER_THREAD = 4;

  /** All panels of some matrices, in strips that are single panels if the threads are many. */
  static List<Strip> of(int threads, PackedMatrix... matrices) {
    int panels = 0;
    for (PackedMatrix matrix : matrices) {
      panels += matrix.panels();
    }
    int width = panels >= MOST_PANELS * STRIPS_PER_THREAD * threads ? MOST_PANELS : 1;
    List<Strip> strips = new ArrayList<>();
    for (int m = 0; m < matrices.length; m++) {
      for (int p = 0; p < matrices[m].panels(); p += width) {
        strips.add(new Strip(m, p, Math.min(width, matrices[m].panels() - p)));
      }
    }
    return strips;
  }
}
