package io.github.gptoss.engine.constraint.mask;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MaskCacheTest {
  private static final int ENTRY = 128;

  private final MaskCache<Integer, String> cache = new MaskCache<>(4 * (ENTRY + 4), String::length);

  @Test
  void dropsWhatWasUsedLongestAgo() {
    for (int key = 0; key < 4; key++) {
      cache.put("owner", key, "text");
    }
    cache.get("owner", 0);
    cache.put("owner", 4, "text");
    assertThat(cache.get("owner", 0)).isEqualTo("text");
    assertThat(cache.get("owner", 1)).isNull();
    assertThat(cache.get("owner", 4)).isEqualTo("text");
  }

  @Test
  void staysWithinItsBound() {
    for (int i = 0; i < 1_000; i++) {
      cache.put("owner" + i % 7, i % 31, "x".repeat(i % 50));
      assertThat(cache.bytes()).isBetween(0L, 4L * (ENTRY + 4));
    }
    cache.put("owner", 1, "x".repeat(10_000));
    assertThat(cache.bytes()).isZero();
    assertThat(cache.get("owner", 1)).isNull();
  }

  @Test
  void replacedValuesCountOnce() {
    for (int i = 0; i < 10; i++) {
      cache.put("owner", 1, "text");
    }
    assertThat(cache.bytes()).isEqualTo(ENTRY + 4);
  }

  @Test
  void ownersUsedLongestAgoAreLetGo() {
    MaskCache<Integer, List<String>> large = new MaskCache<>(1 << 30, value -> 0);
    for (int owner = 0; owner < 200; owner++) {
      large.put(owner, 1, List.of());
      large.put(owner, 2, List.of());
    }
    assertThat(large.get(0, 1)).isNull();
    assertThat(large.get(199, 2)).isNotNull();
    assertThat(large.bytes()).isEqualTo(128 * 2 * ENTRY);
  }
}
