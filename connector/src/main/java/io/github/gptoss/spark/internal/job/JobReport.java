package io.github.gptoss.spark.internal.job;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.spark.internal.monitor.ReportFiles;
import io.github.gptoss.spark.internal.monitor.RunFigures;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes what a run was beside what it made. */
final class JobReport {
  private static final ObjectMapper JSON = new ObjectMapper();

  private JobReport() {}

  /**
   * Writes the report and says where. That it cannot be written is said instead, and no more: the
   * table is written, and the run's figures are in its summary.
   */
  static void write(RunParts parts, JobSummary summary, Instant started, String outcome) {
    String folder = parts.job().report() == null ? parts.folder().reports() : parts.job().report();
    try {
      String page =
          ReportFiles.write(
              folder,
              "gptoss",
              started,
              parts.runId(),
              figures(parts, summary, started, outcome).report(),
              parts.spark().sparkContext().hadoopConfiguration());
      parts.progress().say("report " + page);
    } catch (IOException e) {
      parts.progress().say("no report in '" + folder + "': " + JobHelp.oneLine(e));
    }
  }

  private static RunFigures figures(
      RunParts parts, JobSummary summary, Instant started, String outcome) {
    Map<String, String> run = texts(parts.audit().run());
    run.remove("run_id");
    run.put("output", AuditTrail.withoutUser(parts.job().output().name()));
    run.put("application", parts.spark().sparkContext().applicationId());
    run.put("master", parts.spark().sparkContext().master());
    return new RunFigures(
        parts.runId(),
        outcome,
        started,
        summary.seconds(),
        totals(summary),
        parts.progress().counters().completions.value(),
        summary.finishReasons(),
        summary.errorCodes(),
        run,
        parts.audit().options(),
        parts.audit().versions());
  }

  /** What the summary counts. */
  private static Map<String, Long> totals(JobSummary summary) {
    Map<String, Long> totals = new LinkedHashMap<>();
    JSON.<ObjectNode>valueToTree(summary)
        .properties()
        .forEach(
            figure -> {
              if (figure.getValue().isIntegralNumber()) {
                totals.put(figure.getKey(), figure.getValue().asLong());
              }
            });
    return totals;
  }

  private static Map<String, String> texts(Map<String, Object> facts) {
    Map<String, String> texts = new LinkedHashMap<>();
    facts.forEach((name, fact) -> texts.put(name, String.valueOf(fact)));
    return texts;
  }
}
