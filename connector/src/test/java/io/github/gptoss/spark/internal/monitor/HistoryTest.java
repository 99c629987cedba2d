package io.github.gptoss.spark.internal.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HistoryTest {
  private final History history = new History();

  private void add(int from, int to) {
    for (int i = from; i < to; i++) {
      history.add(new History.Point(i, 0, 0, 2.0 * i));
    }
  }

  @Test
  void keepsEveryReportWhileThereIsRoom() {
    add(0, History.MOST_POINTS - 1);
    assertThat(history.points()).hasSize(History.MOST_POINTS - 1);
    assertThat(history.points().get(7)).isEqualTo(new History.Point(7, 0, 0, 14));
  }

  @Test
  void aLongLifeStaysWholeAndBoundedAndPointsBecomeMeans() {
    int reports = 16 * History.MOST_POINTS;
    for (int i = 0; i < reports; i++) {
      add(i, i + 1);
      assertThat(history.points()).hasSizeLessThan(History.MOST_POINTS);
    }
    assertThat(history.points().get(0).generatedTokensPerSecond()).isEqualTo(15.5);
    assertThat(history.points().get(0).waiting()).isEqualTo(31);
    double mean =
        history.points().stream()
            .mapToDouble(History.Point::generatedTokensPerSecond)
            .average()
            .orElseThrow();
    assertThat(mean).isEqualTo((reports - 1) / 2.0);
  }
}
