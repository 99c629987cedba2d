package io.github.gptoss.engine.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptoss.engine.error.InvalidConfigException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class KvCacheConfigTest {
  @Test
  void rejectsNumbersThatContradictEachOther() {
    rejects(() -> new KvCacheConfig(12, 1, 0, 0), "power of two");
    rejects(() -> new KvCacheConfig(0, 1, 0, 0), "power of two");
    rejects(() -> new KvCacheConfig(Integer.MIN_VALUE, 1, 0, 0), "power of two");
    rejects(() -> new KvCacheConfig(16, 0, 0, 0), "both 0");
    rejects(() -> new KvCacheConfig(16, 1, 128, 0), "windowBlocks is 0");
    rejects(() -> new KvCacheConfig(16, 1, 0, 5), "windowTokens is 0");
    rejects(() -> new KvCacheConfig(16, -1, 128, 5), "fullBlocks is -1");
    rejects(() -> new KvCacheConfig(16, Integer.MAX_VALUE / 8, 0, 0), "more slots");
  }

  @Test
  void countsTheBlocksOfAWindowAndAChunk() {
    KvCacheConfig config = new KvCacheConfig(16, 10, 128, 100);
    assertThat(config.ringBlocks(1)).isEqualTo(10);
    assertThat(config.ringBlocks(512)).isEqualTo(41);
    assertThat(config.maxSequenceTokens()).isEqualTo(160);
    assertThat(new KvCacheConfig(16, 10, 0, 0).ringBlocks(512)).isZero();
    assertThat(new KvCacheConfig(16, 0, 128, 10).maxSequenceTokens()).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void splitsAGenerousBudgetIntoWhatIsUseful() {
    SchedulerConfig scheduler = new SchedulerConfig(64, 2048, 512, 1000, true);
    KvCacheConfig config = new KvDivision(1000, 2000, 16, 128, scheduler).divide(1L << 50, 4096);
    assertThat(config.fullBlocks()).isEqualTo(64 * 256);
    assertThat(config.windowBlocks()).isEqualTo((64 * 10 + 128) * 5 / 4);
  }

  @Test
  void boundsTheWindowGroupToHalfOfATightBudget() {
    SchedulerConfig scheduler = new SchedulerConfig(64, 2048, 512, 1000, true);
    KvCacheConfig config = new KvDivision(1000, 1000, 16, 128, scheduler).divide(400_000, 131_072);
    assertThat(config.windowBlocks()).isEqualTo(200);
    assertThat(config.fullBlocks()).isEqualTo(200);
  }

  @Test
  void givesAllToTheOnlyGroup() {
    SchedulerConfig scheduler = new SchedulerConfig(8, 64, 64, 1000, true);
    KvCacheConfig full = new KvDivision(1000, 0, 16, 0, scheduler).divide(100_000, 8192);
    assertThat(full).isEqualTo(new KvCacheConfig(16, 100, 0, 0));
    KvCacheConfig window = new KvDivision(0, 1000, 16, 128, scheduler).divide(50_000, 8192);
    assertThat(window).isEqualTo(new KvCacheConfig(16, 0, 128, 50));
  }

  @Test
  void refusesABudgetThatHoldsNoSequence() {
    SchedulerConfig scheduler = new SchedulerConfig(8, 512, 512, 1000, true);
    assertThatThrownBy(() -> new KvDivision(1000, 1000, 16, 128, scheduler).divide(41_000, 8192))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("41000 bytes")
        .hasMessageContaining("42000");
    assertThatCode(() -> new KvDivision(1000, 1000, 16, 128, scheduler).divide(42_000, 8192))
        .doesNotThrowAnyException();
  }

  @Property(tries = 300)
  void everySplitStaysInBudgetAndSuitsTheScheduler(
      @ForAll @LongRange(min = 0, max = 1L << 45) long kvBytes,
      @ForAll @IntRange(min = 0, max = 1 << 24) int fullBlockBytes,
      @ForAll @IntRange(min = 1, max = 1 << 24) int windowBlockBytes,
      @ForAll @IntRange(max = 6) int blockShift,
      @ForAll @IntRange(min = 1, max = 4096) int windowTokens,
      @ForAll @IntRange(min = 1, max = 131_072) int contextTokens,
      @ForAll @IntRange(min = 1, max = 512) int maxRunning) {
    SchedulerConfig scheduler = new SchedulerConfig(maxRunning, 8192, 2048, 10, true);
    KvCacheConfig config;
    try {
      config =
          new KvDivision(fullBlockBytes, windowBlockBytes, 1 << blockShift, windowTokens, scheduler)
              .divide(kvBytes, contextTokens);
    } catch (InvalidConfigException tooSmall) {
      long ring = (windowTokens + 2048L + (1 << blockShift) - 1) / (1 << blockShift) + 1;
      assertThat(kvBytes).isLessThan(ring * windowBlockBytes + fullBlockBytes);
      return;
    }
    assertThat(
            config.fullBlocks() * (long) fullBlockBytes
                + config.windowBlocks() * (long) windowBlockBytes)
        .isLessThanOrEqualTo(kvBytes);
    assertThat(config.fullBlocks() > 0).isEqualTo(fullBlockBytes > 0);
    assertThat(config.windowBlocks()).isGreaterThanOrEqualTo(config.ringBlocks(2048));
    assertThat(config.fullBlocks())
        .isLessThanOrEqualTo(maxRunning * config.blocksFor(contextTokens));
  }

  @Property(tries = 300)
  void theBytesOfAContextHoldIt(
      @ForAll @IntRange(min = 1, max = 1 << 20) int fullBlockBytes,
      @ForAll @IntRange(min = 0, max = 1 << 20) int windowBlockBytes,
      @ForAll @IntRange(max = 6) int blockShift,
      @ForAll @IntRange(min = 1, max = 4096) int windowTokens,
      @ForAll @IntRange(min = 1, max = 131_072) int contextTokens,
      @ForAll @IntRange(min = 1, max = 512) int maxRunning) {
    SchedulerConfig scheduler = new SchedulerConfig(maxRunning, 8192, 2048, 10, true);
    int block = 1 << blockShift;
    int window = windowBlockBytes == 0 ? 0 : windowTokens;
    long bytes =
        new KvDivision(fullBlockBytes, windowBlockBytes, block, window, scheduler)
            .bytesForContext(contextTokens);
    assertThat(
            new KvDivision(fullBlockBytes, windowBlockBytes, block, window, scheduler)
                .divide(bytes, contextTokens)
                .maxSequenceTokens())
        .isGreaterThanOrEqualTo(contextTokens);
  }

  private static void rejects(Runnable making, String message) {
    assertThatThrownBy(making::run)
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining(message);
  }
}
