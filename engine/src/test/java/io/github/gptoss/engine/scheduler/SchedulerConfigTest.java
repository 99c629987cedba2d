package io.github.gptoss.engine.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptoss.engine.error.InvalidConfigException;
import org.junit.jupiter.api.Test;

class SchedulerConfigTest {
  @Test
  void acceptsTheSmallestLimits() {
    assertThat(new SchedulerConfig(1, 1, 1, 1, false).maxChunkTokens()).isEqualTo(1);
  }

  @Test
  void rejectsLimitsThatAreNotPositive() {
    rejects(() -> new SchedulerConfig(0, 1, 1, 1, true), "maxRunning is 0");
    rejects(() -> new SchedulerConfig(1, -3, 1, 1, true), "maxStepTokens is -3");
    rejects(() -> new SchedulerConfig(1, 1, 0, 1, true), "maxChunkTokens is 0");
    rejects(() -> new SchedulerConfig(1, 1, 1, 0, true), "maxWaiting is 0");
  }

  @Test
  void rejectsLimitsThatContradictEachOther() {
    rejects(() -> new SchedulerConfig(9, 8, 8, 1, true), "less than maxRunning 9");
    rejects(() -> new SchedulerConfig(1, 8, 9, 1, true), "more than maxStepTokens 8");
  }

  private static void rejects(Runnable making, String message) {
    assertThatThrownBy(making::run)
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining(message);
  }
}
