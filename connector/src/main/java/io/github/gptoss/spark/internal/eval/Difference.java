package io.github.gptoss.spark.internal.eval;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;

/**
 * How far a run is ahead of another at one effort, over the problems that both have.
 *
 * @param passAt1 of this run over those problems
 * @param baselinePassAt1 of the other
 * @param difference the mean over problems of what this run's share of right samples is above the
 *     other's
 * @param bootstrap its interval, with problems drawn again, each with both runs' samples
 * @param better problems at which this run is ahead
 * @param worse problems at which it is behind
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
record Difference(
    String effort,
    long problems,
    double passAt1,
    double baselinePassAt1,
    double difference,
    Interval bootstrap,
    long better,
    long worse) {

  /**
   * Problems of equal outcomes.
   *
   * @param count how many there are
   * @param passRate of this run
   * @param baselinePassRate of the other
   */
  record Pairs(long count, double passRate, double baselinePassRate) {
    double difference() {
      return passRate - baselinePassRate;
    }
  }

  static Difference of(String effort, List<Pairs> pairs) {
    int problems = Math.toIntExact(pairs.stream().mapToLong(Pairs::count).sum());
    double[] differences = new double[problems];
    int at = 0;
    double own = 0;
    double others = 0;
    long better = 0;
    long worse = 0;
    for (Pairs alike : pairs) {
      for (long i = 0; i < alike.count(); i++) {
        differences[at++] = alike.difference();
      }
      own += alike.count() * alike.passRate();
      others += alike.count() * alike.baselinePassRate();
      better += alike.difference() > 0 ? alike.count() : 0;
      worse += alike.difference() < 0 ? alike.count() : 0;
    }
    return new Difference(
        effort,
        problems,
        own / problems,
        others / problems,
        (own - others) / problems,
        Interval.bootstrap(differences),
        better,
        worse);
  }
}
