package io.github.gptoss.engine.backend.cpu;

import static io.github.gptoss.engine.backend.cpu.Lanes.F;
import static io.github.gptoss.engine.backend.cpu.Lanes.I;
import static io.github.gptoss.engine.backend.cpu.Lanes.LANES;
import static io.github.gptoss.engine.backend.cpu.Lanes.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Lets the JIT see the Vector API's methods with the operations and types of all kernels before one
 * runs. A method of the API that has seen one operation only is compiled for that one, and fails a
 * class check when the next arrives. HotSpot adds up the failed checks of all methods that it
 * inlines into a kernel: from 100 ({@code PerMethodTrapLimit}) it no longer takes a vector's class
 * from its profile, and boxes it. On JDK 17 a step of one layer then leaves up to 190 MB to the
 * garbage collector, and a step of eight rows took six times as long. Methods that have seen
 * several kinds never fail.
 */
final class VectorProfiles {
  /** The JIT begins to note what a method sees at its 200th call. */
  private static final int TIMES = 1000;

  private VectorProfiles() {}

  /** Returns a sum that nobody needs, so that no operation is left out. */
  static float mix() {
    float[] floats = new float[LANES];
    int[] words = new int[LANES];
    float sum = 0;
    for (int i = 0; i < TIMES; i++) {
      IntVector a = IntVector.broadcast(I, i);
      IntVector b =
          IntVector.fromArray(I, words, 0)
              .lanewise(VectorOperators.LSHL, i & 7)
              .and(a)
              .or(a)
              .add(a)
              .lanewise(VectorOperators.LSHR, 3)
              .sub(a)
              .lanewise(VectorOperators.ASHR, 2)
              .min(a)
              .max(i);
      ShortVector s = b.reinterpretAsShorts();
      s = s.min(ShortVector.broadcast(S, (short) 2)).add(s).and((short) 7).max(s);
      FloatVector one = FloatVector.broadcast(F, 1f);
      FloatVector f = FloatVector.fromArray(F, floats, 0);
      f = f.mul(one).add(one).min(one).max(f).div(one).neg().abs().fma(one, f);
      f = f.blend(one, f.compare(VectorOperators.LT, 0f));
      sum += f.reduceLanes(VectorOperators.ADD) + f.reduceLanes(VectorOperators.MAX);
      sum += s.reinterpretAsFloats().lane(0) + s.reinterpretAsInts().reinterpretAsFloats().lane(0);
      sum += f.reinterpretAsShorts().lane(0);
      f.reinterpretAsInts().intoArray(words, 0);
      f.intoArray(floats, 0);
    }
    return sum;
  }
}
