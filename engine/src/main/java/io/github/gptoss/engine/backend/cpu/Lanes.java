package io.github.gptoss.engine.backend.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** The vectors that this machine prefers: one shape for all kernels. */
final class Lanes {
  /** 16, 8 or 4 float32 lanes; a machine with wider vectors uses 16 of theirs. */
  static final VectorSpecies<Float> F =
      FloatVector.SPECIES_PREFERRED.length() > 16
          ? FloatVector.SPECIES_512
          : FloatVector.SPECIES_PREFERRED;

  static final int LANES = F.length();

  /** Whether there are 32 registers, not 16. */
  static final boolean WIDE = F.vectorShape() == VectorShape.S_512_BIT;

  static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
  static final VectorSpecies<Short> S = VectorSpecies.of(short.class, F.vectorShape());

  private Lanes() {}

  /** Why this machine cannot run these kernels; null if it can. */
  static String unsupported() {
    return LANES < 4 ? "its vectors hold " + LANES + " floats and the kernels need 4" : null;
  }
}
