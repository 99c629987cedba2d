package io.github.gptoss.engine.sampling;

/**
 * Philox4x32-10, a counter-based random function: four 32-bit words from a 128-bit counter and a
 * 64-bit key, no state. Source: Salmon, Moraes, Dror and Shaw, "Parallel Random Numbers: As Easy as
 * 1, 2, 3", SC 2011.
 */
final class Philox {
  private static final long MULTIPLIER_0 = 0xD2511F53L;
  private static final long MULTIPLIER_1 = 0xCD9E8D57L;
  private static final int WEYL_0 = 0x9E3779B9;
  private static final int WEYL_1 = 0xBB67AE85;
  private static final int ROUNDS = 10;
  private static final long LOW = 0xFFFFFFFFL;

  private Philox() {}

  /** The 64 random bits of a draw: the first two output words for counter (position, 0). */
  static long bits(long seed, long position) {
    return words(position, 0, seed)[0];
  }

  /**
   * The function itself.
   *
   * @param counterLow words 0 (low half) and 1 of the counter
   * @param counterHigh words 2 and 3
   * @param key words 0 (low half) and 1 of the key
   * @return the output words as {1:0, 3:2}, the lower word in the low half
   */
  static long[] words(long counterLow, long counterHigh, long key) {
    int c0 = (int) counterLow;
    int c1 = (int) (counterLow >>> 32);
    int c2 = (int) counterHigh;
    int c3 = (int) (counterHigh >>> 32);
    int k0 = (int) key;
    int k1 = (int) (key >>> 32);
    for (int round = 0; round < ROUNDS; round++) {
      long product0 = MULTIPLIER_0 * (c0 & LOW);
      long product1 = MULTIPLIER_1 * (c2 & LOW);
      c0 = (int) (product1 >>> 32) ^ c1 ^ k0;
      c1 = (int) product1;
      c2 = (int) (product0 >>> 32) ^ c3 ^ k1;
      c3 = (int) product0;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    return new long[] {(c0 & LOW) | ((long) c1 << 32), (c2 & LOW) | ((long) c3 << 32)};
  }
}
