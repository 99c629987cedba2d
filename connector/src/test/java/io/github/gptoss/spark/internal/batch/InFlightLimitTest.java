package io.github.gptoss.spark.internal.batch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InFlightLimitTest {
  @Test
  void everySampleWeighsAsARowOfItsOwnDoes() {
    long one = InFlightLimit.weight(100, 50, 20, 1);
    long three = InFlightLimit.weight(100, 50, 20, 3);
    assertThat(one).isGreaterThan(100);
    assertThat(three - 100).isEqualTo(3 * (one - 100));
  }

  @Test
  void aRowIsLetInWithAllItsSamplesOrWaits() {
    InFlightLimit limit = new InFlightLimit(10, 1000);
    assertThat(limit.admits(6, 0, 4, 10)).isTrue();
    assertThat(limit.admits(7, 0, 4, 10)).isFalse();
    assertThat(limit.admits(6, 900, 4, 100)).isTrue();
    assertThat(limit.admits(6, 900, 4, 101)).isFalse();
    assertThat(limit.admits(0, 0, 128, 5000)).as("alone").isTrue();
    assertThat(limit.admits(1, 0, Integer.MAX_VALUE, 0)).isFalse();
  }
}
