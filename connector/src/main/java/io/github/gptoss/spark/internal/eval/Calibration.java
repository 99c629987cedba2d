package io.github.gptoss.spark.internal.eval;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;

/**
 * How often answers of a confidence are right, at one effort.
 *
 * @param bins that have answers, the lowest confidence first
 */
record Calibration(String effort, List<Bin> bins) {
  static final int BINS = 10;

  /**
   * Answers whose confidence is between two tenths.
   *
   * @param bin 0 to {@link #BINS} - 1
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Bin(int bin, long answers, long right, double meanConfidence) {
    double share() {
      return (double) right / answers;
    }
  }

  /**
   * The expected calibration error: by how much confidence and the share of right answers differ in
   * a bin, in the mean over answers.
   */
  double error() {
    long answers = bins.stream().mapToLong(Bin::answers).sum();
    return bins.stream()
            .mapToDouble(bin -> bin.answers() * Math.abs(bin.share() - bin.meanConfidence()))
            .sum()
        / answers;
  }
}
