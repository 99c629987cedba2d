package io.github.gptoss.engine.backend.cpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The vectors that this machine prefers, and what all vector kernels load with them. */
final class Lanes {
  /** 16 or 8 float32 lanes; {@link #unsupported} refuses every other width. */
  static final VectorSpecies<Float> F =
      FloatVector.SPECIES_PREFERRED.length() >= 16
          ? FloatVector.SPECIES_512
          : FloatVector.SPECIES_256;

  static final int LANES = F.length();
  static final boolean WIDE = LANES == 16;
  static final VectorSpecies<Integer> I = WIDE ? IntVector.SPECIES_512 : IntVector.SPECIES_256;
  static final VectorSpecies<Short> H = WIDE ? ShortVector.SPECIES_256 : ShortVector.SPECIES_128;
  static final VectorSpecies<Byte> W = WIDE ? ByteVector.SPECIES_512 : ByteVector.SPECIES_256;

  private Lanes() {}

  /** Why this machine cannot run these kernels; null if it can. */
  static String unsupported() {
    int lanes = FloatVector.SPECIES_PREFERRED.length();
    return lanes < 8 ? "its vectors hold " + lanes + " floats and the kernels need 8 or 16" : null;
  }

  /** What sums start from: what is there, or zero. */
  static FloatVector start(float[] out, int offset, boolean accumulate) {
    return accumulate ? FloatVector.fromArray(F, out, offset) : FloatVector.zero(F);
  }

  /**
   * Finite float16 values as float32. Read as the upper bits of a float32, exponent and mantissa
   * mean a value 2^112 too small, subnormal or not; the product is exact.
   */
  static FloatVector f16(ByteBuffer codes, int offset) {
    IntVector bits = ints(codes, offset);
    IntVector sign = bits.and(0x8000).lanewise(VectorOperators.LSHL, 16);
    return bits.and(0x7FFF)
        .lanewise(VectorOperators.LSHL, 13)
        .reinterpretAsFloats()
        .mul(0x1p112f)
        .reinterpretAsInts()
        .or(sign)
        .reinterpretAsFloats();
  }

  /** Bfloat16 values as float32, of which they are the upper half. */
  static FloatVector bf16(ByteBuffer codes, int offset) {
    return ints(codes, offset).lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
  }

  private static IntVector ints(ByteBuffer codes, int offset) {
    return (IntVector)
        ShortVector.fromByteBuffer(H, codes, offset, ByteOrder.LITTLE_ENDIAN).castShape(I, 0);
  }
}
