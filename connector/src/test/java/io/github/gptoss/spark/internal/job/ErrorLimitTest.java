package io.github.gptoss.spark.internal.job;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ErrorLimitTest {
  private static ErrorLimit limit(Double share, long leastRows) {
    return new ErrorLimit(new JobSpec.ErrorAllowance(share, leastRows));
  }

  @Test
  void isExceededForGoodByALargerShareOfEnoughRows() {
    ErrorLimit limit = limit(0.5, 10);
    limit.note(9, 9);
    limit.note(10, 5);
    assertThat(limit.exceeded()).isNull();
    limit.note(10, 6);
    assertThat(limit.exceeded()).hasMessageContaining("6 of 10 rows");
    limit.note(20, 20);
    assertThat(limit.exceeded()).hasMessageContaining("6 of 10 rows");
  }

  @Test
  void holdsForEverWhereThereIsNone() {
    ErrorLimit limit = limit(null, 0);
    limit.note(100, 100);
    assertThat(limit.exceeded()).isNull();
    ErrorLimit none = limit(0.0, 1);
    none.note(1, 1);
    assertThat(none.exceeded()).isNotNull();
  }
}
