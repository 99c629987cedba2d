package io.github.gptoss.spark.internal.eval;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.spark.internal.job.JobRun;
import io.github.gptoss.spark.internal.job.JobSpec;
import io.github.gptoss.spark.internal.job.JobSummary;
import java.io.PrintStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * One run of an evaluation: the job completes and grades what its output lacks, then the whole
 * output is summed up.
 *
 * @param completion name of the column of completions
 */
record EvalRun(EvalSpec spec, JobSpec job, String completion) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Runs it; what it found, the run's summary first. */
  ObjectNode run(SparkSession spark, PrintStream err) throws Exception {
    Instant started = Instant.now();
    Results baseline = baseline(spark);
    JobRun run = new JobRun(job);
    JobSummary summary = run.run(spark);
    Results results = Results.of(output(spark), completion);
    EvalReport report = report(results, baseline, summary);
    ObjectNode found = JSON.valueToTree(summary);
    found.put("benchmark", spec.benchmark().text());
    found.set("scores", JSON.valueToTree(report.scores()));
    if (baseline != null) {
      found.set("differences", JSON.valueToTree(report.differences()));
    }
    if (report.thresholds() != null) {
      found.set("thresholds", JSON.valueToTree(report.thresholds()));
    }
    String page = report.write(started, run.reports(spark), spark);
    found.put("report", page);
    report.say(err);
    err.println("gptoss: evaluation " + page);
    err.flush();
    return found;
  }

  private Dataset<Row> output(SparkSession spark) {
    JobSpec.Output output = job.output();
    return read(spark, output.path(), output.table() == null ? null : output.quotedTable());
  }

  /** Results by their table, or by their path where there is no table. */
  private static Dataset<Row> read(SparkSession spark, String path, String table) {
    return table == null ? spark.read().format("delta").load(path) : spark.table(table);
  }

  /** Null where there is none; read first, so that a wrong one costs no run. */
  private Results baseline(SparkSession spark) {
    if (spec.baseline() == null) {
      return null;
    }
    EvalSpec.Baseline given = spec.baseline();
    Dataset<Row> table = read(spark, given.path(), given.table());
    if (!Results.isOfAnEvaluation(table.schema())) {
      throw EvalErrors.noResults(given.name());
    }
    return Results.of(table, completion);
  }

  private EvalReport report(Results results, Results baseline, JobSummary summary) {
    List<Tally> tallies = results.tallies();
    Map<String, Tally> all = new LinkedHashMap<>();
    tallies.forEach(tally -> all.merge(tally.effort(), tally, Tally::with));
    Double secondsPerToken = secondsPerToken(summary);
    List<Score> scores = new ArrayList<>();
    all.values().forEach(tally -> scores.add(Score.of(tally.ofAllGroups(), secondsPerToken)));
    if (tallies.size() > all.size()) {
      tallies.forEach(tally -> scores.add(Score.of(tally, secondsPerToken)));
    }
    List<Difference> differences = baseline == null ? List.of() : results.differences(baseline);
    if (baseline != null && differences.isEmpty()) {
      throw EvalErrors.nothingInCommon();
    }
    List<Calibration> calibrations = results.calibrations();
    return new EvalReport(
        spec, job, summary, scores, differences, calibrations, thresholds(results, calibrations));
  }

  /** Null where none are looked for. */
  private Thresholds.Found thresholds(Results results, List<Calibration> calibrations) {
    if (spec.targetAccuracy() == null) {
      return null;
    }
    if (calibrations.isEmpty()) {
      throw EvalErrors.noConfidence();
    }
    return Thresholds.find(results.attempts(spec.efforts()), spec.targetAccuracy(), spec.delta());
  }

  private static Double secondsPerToken(JobSummary summary) {
    return summary.generatedTokens() == 0 || summary.skippedRows() > 0
        ? null
        : summary.seconds() / summary.outputTokens();
  }
}
