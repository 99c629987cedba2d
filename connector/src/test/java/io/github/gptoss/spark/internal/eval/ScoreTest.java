package io.github.gptoss.spark.internal.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class ScoreTest {
  private static final Tally.Totals TOTALS = new Tally.Totals(20, 18, 9, 2, 1, 3, 100, 400, 300);

  @Test
  void problemsCountAlikeHoweverManySamplesTheyHave() {
    List<Tally.Problems> problems =
        List.of(new Tally.Problems(2, 4, 3, 1, 0.8), new Tally.Problems(1, 10, 3, 0.5, 0.5));
    Score score = Score.of(new Tally("low", "a", problems, TOTALS), 0.01);
    assertThat(score.problems()).isEqualTo(3);
    assertThat(score.passAt1()).isCloseTo((0.75 + 0.75 + 0.3) / 3, within(1e-12));
    assertThat(score.majority()).isCloseTo((1 + 1 + 0.5) / 3, within(1e-12));
    assertThat(score.passAt1Bootstrap().low()).isLessThan(score.passAt1());
    assertThat(score.passAt1Wilson()).isEqualTo(Interval.wilson(9, 18));
    assertThat(score.samples()).isEqualTo(18);
    assertThat(score.ungraded()).isEqualTo(2);
    assertThat(score.meanScore()).isCloseTo((0.8 + 0.8 + 0.5) / 3, within(1e-12));
    assertThat(score.meanScoreBootstrap().low()).isCloseTo(0.5, within(1e-12));
    assertThat(score.meanScoreBootstrap().high()).isCloseTo(0.8, within(1e-12));
    assertThat(score.truncatedShare()).isCloseTo(0.1, within(1e-12));
    assertThat(score.errorShare()).isCloseTo(0.05, within(1e-12));
    assertThat(score.unparsedShare()).isCloseTo(0.15, within(1e-12));
    assertThat(score.seconds()).isCloseTo(4, within(1e-12));
    assertThat(Score.of(new Tally("low", "a", problems, TOTALS), null).seconds()).isNull();
  }

  @Test
  void groupsAddUp() {
    Tally one = new Tally("low", "a", List.of(new Tally.Problems(2, 1, 1, 1, 1)), TOTALS);
    Tally other = new Tally("low", "b", List.of(new Tally.Problems(1, 1, 0, 0, 0)), TOTALS);
    Tally both = one.with(other);
    assertThat(both.group()).isNull();
    assertThat(both.problemCount()).isEqualTo(3);
    assertThat(both.totals().samples()).isEqualTo(40);
    assertThat(both.totals().reasoningTokens()).isEqualTo(600);
  }

  /** Paired: what both runs find hard does not widen the interval. */
  @Test
  void differencesArePaired() {
    Difference difference =
        Difference.of(
            "high",
            List.of(
                new Difference.Pairs(50, 1, 0.9),
                new Difference.Pairs(49, 0.1, 0),
                new Difference.Pairs(1, 0, 0.5)));
    assertThat(difference.problems()).isEqualTo(100);
    assertThat(difference.passAt1()).isCloseTo(0.549, within(1e-12));
    assertThat(difference.baselinePassAt1()).isCloseTo(0.455, within(1e-12));
    assertThat(difference.difference()).isCloseTo(0.094, within(1e-12));
    assertThat(difference.better()).isEqualTo(99);
    assertThat(difference.worse()).isEqualTo(1);
    assertThat(difference.bootstrap().low()).isBetween(0.07, 0.094);
    assertThat(difference.bootstrap().high()).isBetween(0.094, 0.1 + 1e-12);
  }

  @Test
  void calibrationIsWeighedByAnswers() {
    Calibration calibration =
        new Calibration(
            "low",
            List.of(new Calibration.Bin(4, 10, 5, 0.45), new Calibration.Bin(9, 30, 30, 0.99)));
    assertThat(calibration.error()).isCloseTo((10 * 0.05 + 30 * 0.01) / 40, within(1e-12));
  }
}
