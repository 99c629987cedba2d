package io.github.gptoss.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ErrorLimitTest {
  @Test
  void isExceededOnceByALargerShareOfEnoughRows() {
    ErrorLimit limit = new ErrorLimit(0.5, 10);
    assertThat(limit.isNewlyExceeded(9, 9)).isFalse();
    assertThat(limit.isNewlyExceeded(10, 5)).isFalse();
    assertThat(limit.exceeded()).isNull();
    assertThat(limit.isNewlyExceeded(10, 6)).isTrue();
    assertThat(limit.isNewlyExceeded(20, 20)).isFalse();
    assertThat(limit.exceeded()).hasMessageContaining("6 of 10 rows");
  }

  @Test
  void holdsForEverWhereThereIsNone() {
    ErrorLimit limit = new ErrorLimit(null, 0);
    assertThat(limit.isNewlyExceeded(100, 100)).isFalse();
    assertThat(limit.exceeded()).isNull();
    assertThat(new ErrorLimit(0.0, 1).isNewlyExceeded(1, 1)).isTrue();
  }
}
