package io.github.gptoss.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Vectors: the authors' Random123 distribution, kat_vectors, philox4x32 with 10 rounds. */
class PhiloxTest {
  @Test
  void matchesVectorOfZeros() {
    assertThat(Philox.words(0, 0, 0))
        .containsExactly(words(0x6627e8d5, 0xe169c58d), words(0xbc57ac4c, 0x9b00dbd8));
  }

  @Test
  void matchesVectorOfOnes() {
    assertThat(Philox.words(-1, -1, -1))
        .containsExactly(words(0x408f276d, 0x41c83b0e), words(0xa20bc7c6, 0x6d5451fd));
  }

  @Test
  void matchesVectorOfPi() {
    assertThat(
            Philox.words(
                words(0x243f6a88, 0x85a308d3),
                words(0x13198a2e, 0x03707344),
                words(0xa4093822, 0x299f31d0)))
        .containsExactly(words(0xd16cfe09, 0x94fdcceb), words(0x5001e420, 0x24126ea1));
  }

  @Test
  void everyBitOfSeedAndPositionMatters() {
    long base = Philox.bits(0, 0);
    for (int bit = 0; bit < 64; bit++) {
      assertThat(Philox.bits(1L << bit, 0)).isNotEqualTo(base);
      assertThat(Philox.bits(0, 1L << bit)).isNotEqualTo(base);
    }
  }

  private static long words(int low, int high) {
    return Integer.toUnsignedLong(low) | (long) high << 32;
  }
}
