package io.github.gptoss.spark.internal.eval;

import io.github.gptoss.spark.internal.job.JobSpec;
import io.github.gptoss.spark.internal.job.JobSummary;
import io.github.gptoss.spark.internal.monitor.Chart;
import io.github.gptoss.spark.internal.monitor.Numbers;
import io.github.gptoss.spark.internal.monitor.Report;
import io.github.gptoss.spark.internal.monitor.ReportFiles;
import io.github.gptoss.spark.internal.monitor.Table;
import io.github.gptoss.spark.internal.options.OptionKey;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/**
 * What an evaluation found, for people.
 *
 * @param scores of all groups together first, then of each, where there are several
 * @param differences from another run; empty where there is none
 * @param calibrations one for each effort whose answers have a confidence
 * @param thresholds null where none was looked for
 */
record EvalReport(
    EvalSpec spec,
    JobSpec job,
    JobSummary summary,
    List<Score> scores,
    List<Difference> differences,
    List<Calibration> calibrations,
    Thresholds.Found thresholds) {
  private static final String INTERVAL = "95% interval";

  /** Writes the page and the Markdown file; the page's path. */
  String write(Instant started, String folder, SparkSession spark) throws IOException {
    return ReportFiles.write(
        folder,
        "gptoss-eval",
        started,
        summary.runId(),
        page(started),
        spark.sparkContext().hadoopConfiguration());
  }

  Report page(Instant started) {
    List<List<Report.Block>> rows = new ArrayList<>();
    rows.add(List.of(overview()));
    rows.add(List.of(otherScores()));
    if (!differences.isEmpty()) {
      rows.add(List.of(comparison()));
    }
    rows.add(List.of(spent()));
    rows.add(List.of(failures()));
    List<Score> grouped = scores.stream().filter(score -> score.group() != null).toList();
    if (!grouped.isEmpty()) {
      rows.add(List.of(groups(grouped)));
    }
    if (thresholds != null) {
      rows.add(List.of(promise()));
      rows.add(List.of(steps()));
    }
    calibrations.forEach(calibration -> rows.add(List.of(curve(calibration), bins(calibration))));
    rows.add(List.of(Table.texts("Evaluation", facts())));
    return new Report(
        "gptoss-spark evaluation",
        "%s · %s · %s"
            .formatted(
                spec.benchmark().text(), started.truncatedTo(ChronoUnit.SECONDS), summary.runId()),
        tiles(),
        rows);
  }

  private List<Score> totals() {
    return scores.stream().filter(score -> score.group() == null).toList();
  }

  private List<Report.Tile> tiles() {
    List<Report.Tile> tiles = new ArrayList<>();
    for (Score score : totals()) {
      tiles.add(new Report.Tile(percent(score.passAt1()), "pass@1, effort " + score.effort()));
    }
    long problems = totals().stream().mapToLong(Score::problems).max().orElse(0);
    tiles.add(new Report.Tile(Numbers.whole(problems), "problems"));
    tiles.add(
        new Report.Tile(
            Numbers.whole(totals().stream().mapToLong(Score::samples).sum()), "graded samples"));
    tiles.add(new Report.Tile(Numbers.duration(summary.seconds()), "this run"));
    return tiles;
  }

  private Table overview() {
    boolean isPublished =
        totals().stream().anyMatch(score -> spec.benchmark().published(score.effort()) != null);
    List<String> columns =
        new ArrayList<>(
            List.of(
                "effort",
                "problems",
                "samples",
                "pass@1, %",
                INTERVAL + ", bootstrap over problems",
                INTERVAL + ", Wilson over samples"));
    if (isPublished) {
      columns.addAll(List.of("published, 120b", "published, 20b"));
    }
    List<List<String>> rows = new ArrayList<>();
    for (Score score : totals()) {
      List<String> row =
          new ArrayList<>(
              List.of(
                  score.effort(),
                  Numbers.whole(score.problems()),
                  Numbers.whole(score.samples()),
                  points(score.passAt1()),
                  interval(score.passAt1Bootstrap()),
                  interval(score.passAt1Wilson())));
      if (isPublished) {
        double[] published = spec.benchmark().published(score.effort());
        row.add(published == null ? "" : decimal(published[0]));
        row.add(published == null ? "" : decimal(published[1]));
      }
      rows.add(row);
    }
    return new Table("Scores", columns, columns.size() - 1, rows);
  }

  private Table otherScores() {
    List<List<String>> rows = new ArrayList<>();
    for (Score score : totals()) {
      rows.add(
          List.of(
              score.effort(),
              points(score.majority()),
              interval(score.majorityBootstrap()),
              fraction(score.meanScore()),
              fraction(score.meanScoreBootstrap().low())
                  + " to "
                  + fraction(score.meanScoreBootstrap().high())));
    }
    return new Table(
        "Majority of the samples, and mean score",
        List.of(
            "effort",
            "majority, %",
            INTERVAL + ", bootstrap over problems",
            "mean score",
            INTERVAL + ", bootstrap over problems"),
        4,
        rows);
  }

  private Table comparison() {
    List<List<String>> rows = new ArrayList<>();
    for (Difference difference : differences) {
      rows.add(
          List.of(
              difference.effort(),
              Numbers.whole(difference.problems()),
              points(difference.passAt1()),
              points(difference.baselinePassAt1()),
              points(difference.difference()),
              interval(difference.bootstrap()),
              Numbers.whole(difference.better()),
              Numbers.whole(difference.worse())));
    }
    return new Table(
        "Beside " + spec.baseline().name(),
        List.of(
            "effort",
            "problems of both",
            "pass@1, %",
            "baseline, %",
            "difference",
            INTERVAL + ", paired bootstrap",
            "better",
            "worse"),
        7,
        rows);
  }

  private Table spent() {
    List<List<String>> rows = new ArrayList<>();
    for (Score score : totals()) {
      long all = score.samples() + score.ungraded();
      rows.add(
          List.of(
              score.effort(),
              Numbers.whole(score.inputTokens()),
              Numbers.whole(score.outputTokens()),
              Numbers.decimal((double) score.outputTokens() / all),
              Numbers.share(score.reasoningTokens(), score.outputTokens()),
              score.seconds() == null ? "" : Numbers.duration(score.seconds())));
    }
    return new Table(
        "Spent",
        List.of(
            "effort",
            "prompt tokens",
            "generated tokens",
            "generated a sample",
            "of it reasoning",
            "of the run's time, by tokens"),
        5,
        rows);
  }

  private Table failures() {
    List<List<String>> rows = new ArrayList<>();
    for (Score score : totals()) {
      rows.add(
          List.of(
              score.effort(),
              percent(score.truncatedShare()),
              percent(score.unparsedShare()),
              percent(score.errorShare()),
              Numbers.whole(score.ungraded())));
    }
    return new Table(
        "Samples without an answer that could be right",
        List.of("effort", "cut off", "unreadable", "errors", "not graded"),
        4,
        rows);
  }

  private static Table groups(List<Score> grouped) {
    List<List<String>> rows = new ArrayList<>();
    for (Score score : grouped) {
      rows.add(
          List.of(
              score.group().isEmpty() ? "none" : score.group(),
              score.effort(),
              Numbers.whole(score.problems()),
              points(score.passAt1()),
              interval(score.passAt1Bootstrap()),
              interval(score.passAt1Wilson()),
              points(score.majority())));
    }
    return new Table(
        "Scores of groups",
        List.of(
            "group",
            "effort",
            "problems",
            "pass@1, %",
            INTERVAL + ", bootstrap",
            INTERVAL + ", Wilson",
            "majority, %"),
        5,
        rows);
  }

  private Table promise() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put(
        "promise",
        "accuracy of at least %s %%, with a probability of at least %s %%"
            .formatted(points(thresholds.targetAccuracy()), points(1 - thresholds.delta())));
    Thresholds.Step found = thresholds.step();
    if (found == null) {
      facts.put(
          "min_confidence",
          "none keeps it: with %s problems, the accuracy at the highest threshold is known to be"
                  .formatted(Numbers.whole(thresholds.problems()))
              + " above "
              + points(thresholds.steps().get(0).bound())
              + " % only");
    } else {
      facts.put("min_confidence", number(found.minConfidence()));
      facts.put(
          "accuracy in the sample",
          "%s %%, known to be above %s %%"
              .formatted(points(found.accuracy()), points(found.bound())));
      facts.put(
          "generated tokens a row",
          "%s; %s with effort %s for all rows, of accuracy %s %%"
              .formatted(
                  Numbers.decimal(found.tokensPerProblem()),
                  Numbers.decimal(thresholds.highestTokensPerProblem()),
                  highest(),
                  points(thresholds.highestAccuracy())));
      facts.put("saved", percent(thresholds.savedTokens()) + " of the generated tokens");
    }
    return Table.texts("Threshold of the cascade", facts);
  }

  private String highest() {
    return spec.efforts().get(spec.efforts().size() - 1);
  }

  private Table steps() {
    List<List<String>> rows = new ArrayList<>();
    for (Thresholds.Step step : thresholds.steps()) {
      rows.add(
          List.of(
              number(step.minConfidence()),
              points(step.accuracy()),
              points(step.bound()),
              Numbers.decimal(step.tokensPerProblem()),
              percent(step.askedAgain())));
    }
    return new Table(
        "Thresholds that were tested, from the first on until one fails",
        List.of(
            "min_confidence",
            "accuracy, %",
            "known to be above, %",
            "generated tokens a row",
            "asked again"),
        5,
        rows);
  }

  private static Report.Figure curve(Calibration calibration) {
    Map<Integer, Calibration.Bin> bins = new LinkedHashMap<>();
    calibration.bins().forEach(bin -> bins.put(bin.bin(), bin));
    List<Chart.Bar> bars = new ArrayList<>();
    for (int i = 0; i < Calibration.BINS; i++) {
      bars.add(bar(i, bins.get(i)));
    }
    return new Report.Figure(
        "Calibration, effort " + calibration.effort(),
        new Chart(
            "confidence",
            "share of right answers",
            bars,
            false,
            true,
            "Confidence is the share of right answers where bars end on the dashed line. Upright"
                + " lines are 95%% intervals. Expected calibration error %.3f."
                    .formatted(calibration.error())));
  }

  /** Without answers of that confidence, nothing is drawn. */
  private static Chart.Bar bar(int place, Calibration.Bin bin) {
    double from = (double) place / Calibration.BINS;
    double to = (place + 1.0) / Calibration.BINS;
    if (bin == null) {
      return new Chart.Bar(from, to, 0);
    }
    Interval interval = Interval.wilson(bin.right(), bin.answers());
    return new Chart.Bar(from, to, bin.share(), new Chart.Range(interval.low(), interval.high()));
  }

  private static Table bins(Calibration calibration) {
    List<List<String>> rows = new ArrayList<>();
    for (Calibration.Bin bin : calibration.bins()) {
      rows.add(
          List.of(
              "%.1f to %.1f"
                  .formatted(
                      (double) bin.bin() / Calibration.BINS, (bin.bin() + 1.0) / Calibration.BINS),
              Numbers.whole(bin.answers()),
              String.format(Locale.ROOT, "%.3f", bin.meanConfidence()),
              points(bin.share()),
              interval(Interval.wilson(bin.right(), bin.answers()))));
    }
    return new Table(
        "Confidence, effort " + calibration.effort(),
        List.of("confidence", "answers", "mean", "right, %", INTERVAL + ", Wilson"),
        4,
        rows);
  }

  private Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    job.steps().facts().forEach((name, fact) -> facts.put(name, fact.toString()));
    facts.put("temperature", job.options().get(OptionKey.TEMPERATURE.optionName()));
    facts.put("results", job.output().name());
    facts.values().removeAll(Collections.singleton(null));
    if (totals().stream().anyMatch(score -> spec.benchmark().published(score.effort()) != null)) {
      facts.put(
          "published scores",
          "gpt-oss as vLLM's recipe page for it has them, measured with another prompt and engine");
    }
    return facts;
  }

  /** The scores in a few lines. */
  void say(PrintStream err) {
    for (Score score : totals()) {
      err.printf(
          Locale.ROOT,
          "gptoss: effort %s: pass@1 %s%% (%s), majority %s%%, %s problems, %s generated tokens a"
              + " sample%n",
          score.effort(),
          points(score.passAt1()),
          interval(score.passAt1Bootstrap()),
          points(score.majority()),
          Numbers.whole(score.problems()),
          Numbers.decimal(
              (double) score.outputTokens() / Math.max(1, score.samples() + score.ungraded())));
    }
    long ungraded = totals().stream().mapToLong(Score::ungraded).sum();
    if (ungraded > 0) {
      err.printf(
          Locale.ROOT,
          "gptoss: %s samples could not be graded, and are in no score: column grade.error says"
              + " why%n",
          Numbers.whole(ungraded));
    }
    for (Difference difference : differences) {
      err.printf(
          Locale.ROOT,
          "gptoss: effort %s: %s points beside the baseline (%s), %s problems%n",
          difference.effort(),
          points(difference.difference()),
          interval(difference.bootstrap()),
          Numbers.whole(difference.problems()));
    }
    if (thresholds != null) {
      promise().rows().forEach(row -> err.println("gptoss: " + row.get(0) + ": " + row.get(1)));
    }
  }

  private static String points(double share) {
    return decimal(100 * share);
  }

  private static String fraction(double number) {
    return Double.isNaN(number) ? "unknown" : String.format(Locale.ROOT, "%.3f", number);
  }

  private static String percent(double share) {
    return decimal(100 * share) + "%";
  }

  /** Of nothing there is no mean. */
  private static String decimal(double number) {
    return Double.isNaN(number) ? "unknown" : String.format(Locale.ROOT, "%.1f", number);
  }

  private static String number(double number) {
    return String.valueOf(number).replaceAll("\\.0$", "");
  }

  private static String interval(Interval interval) {
    return points(interval.low()) + " to " + points(interval.high());
  }
}
