package io.github.gptoss.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.BitSet;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Sets of tokens beside the bit sets of the JDK. */
class TokenSetTest {
  private record Pair(TokenSet set, BitSet expected) {
    static Pair random(Random random, int bound) {
      Pair pair = new Pair(new TokenSet(bound), new BitSet());
      for (int i = random.nextInt(6); i > 0; i--) {
        if (random.nextBoolean()) {
          int from = random.nextInt(bound);
          int to = from + random.nextInt(bound - from + 1);
          pair.set.addRange(from, to);
          pair.expected.set(from, to);
        } else {
          int token = random.nextInt(bound);
          pair.set.add(token);
          pair.expected.set(token);
        }
      }
      return pair;
    }

    void check(int bound) {
      assertThat(set.count()).isEqualTo(expected.cardinality());
      assertThat(set.toArray()).isEqualTo(expected.stream().toArray());
      for (int token = 0; token < bound + 200; token++) {
        assertThat(set.contains(token)).as("%d", token).isEqualTo(expected.get(token));
      }
      ByteBuffer out = ByteBuffer.allocate(set.bytes()).order(ByteOrder.BIG_ENDIAN);
      set.writeTo(out);
      assertThat(out.remaining()).isZero();
      assertThat(out.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
      assertThat(BitSet.valueOf(out.array())).isEqualTo(expected);
    }
  }

  @Property(tries = 300)
  void holdsWhatABitSetHolds(@ForAll long seed, @ForAll @IntRange(min = 1, max = 700) int bound) {
    Random random = new Random(seed);
    Pair some = Pair.random(random, bound);
    Pair others = Pair.random(random, bound);
    some.check(bound);
    TokenSet copy = some.set.copy();
    assertThat(copy).isEqualTo(some.set).hasSameHashCodeAs(some.set);
    some.set.addAll(others.set);
    some.expected.or(others.expected);
    some.check(bound);
    others.check(bound);
    assertThat(copy.equals(some.set)).isEqualTo(copy.count() == some.set.count());
  }
}
