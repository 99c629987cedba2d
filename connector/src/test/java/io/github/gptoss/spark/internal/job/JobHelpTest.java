package io.github.gptoss.spark.internal.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.error.InvalidModelException;
import org.junit.jupiter.api.Test;

class JobHelpTest {
  @Test
  void findsTheErrorForPeopleInAFailedJob() {
    InvalidModelException cause = new InvalidModelException("/m: no config.json");
    assertThat(JobHelp.knownCause(new RuntimeException("job", new RuntimeException(cause))))
        .isSameAs(cause);
    assertThat(JobHelp.knownCause(new RuntimeException("disk full"))).isNull();
  }

  @Test
  void progressLineTellsRowsSpeedErrorsAndTimeLeft() {
    assertThat(JobProgress.line(2_500, 10_000, 3, 50_000, 100))
        .isEqualTo("gptoss: 2,500 of 10,000 rows (25%), 500 tok/s, 3 errors, 5 min 0 s left");
    assertThat(JobProgress.line(0, 0, 0, 0, 1)).isEqualTo("gptoss: 0 of 0 rows, 0 tok/s, 0 errors");
    assertThat(JobProgress.line(10, 10, 0, 5, 1)).doesNotContain("left");
  }
}
