package io.github.gptoss.spark.job;

import io.github.gptoss.engine.error.NearestName;
import io.github.gptoss.spark.call.PromptTables;
import io.github.gptoss.spark.call.SparkConfs;
import io.github.gptoss.spark.conf.OptionKey;
import io.github.gptoss.spark.conf.OptionValues;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Reads the job's table of prompts. */
final class JobInput {
  private JobInput() {}

  static Dataset<Row> read(SparkSession spark, JobCommand job, OptionValues values)
      throws Exception {
    Dataset<Row> table;
    try {
      table = table(spark, job, values);
    } catch (Exception e) {
      // AnalysisException is checked in Scala only, so it cannot be caught by its name here.
      throw explained(e, job);
    }
    List<String> columns = Arrays.asList(table.columns());
    if (columns.isEmpty()) {
      throw JobErrors.noColumns(job.input, job.inputFormat);
    }
    switch (job.inputFormat) {
      case json -> {
        if (columns.equals(List.of(SparkConfs.corruptRecordColumn(spark)))) {
          throw JobErrors.notFormat(job.input, "JSON lines, one object a line");
        }
      }
      case csv -> checkHeader(job.input, columns, values);
      default -> {}
    }
    return table;
  }

  /** Where there is no header, what looks like columns are prompts, which no error may quote. */
  private static void checkHeader(String path, List<String> columns, OptionValues values) {
    boolean messages = values.isSet(OptionKey.MESSAGES_COL);
    String wanted = values.text(messages ? OptionKey.MESSAGES_COL : OptionKey.PROMPT_COL);
    if (!values.isSet(OptionKey.PROMPT_TEMPLATE)
        && columns.stream().noneMatch(wanted::equalsIgnoreCase)
        && NearestName.hint(wanted, columns).isEmpty()) {
      throw JobErrors.noHeader(path, wanted, columns.size());
    }
  }

  private static Exception explained(Exception failure, JobCommand job) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      String condition = at instanceof SparkThrowable known ? known.getCondition() : null;
      Exception explained = condition == null ? null : explained(condition, job);
      if (explained != null) {
        return explained;
      }
    }
    return failure;
  }

  /** Null for conditions that Spark's own message explains. */
  private static Exception explained(String condition, JobCommand job) {
    if (isOneOf(condition, "PATH_NOT_FOUND", "DELTA_PATH_DOES_NOT_EXIST")) {
      return JobErrors.noInput(job.input);
    }
    if (isOneOf(condition, "DELTA_TABLE_NOT_FOUND", "DELTA_MISSING_DELTA_TABLE")) {
      return JobErrors.notFormat(job.input, "a Delta table");
    }
    if (isOneOf(condition, "UNABLE_TO_INFER_SCHEMA")) {
      return JobErrors.noColumns(job.input, job.inputFormat);
    }
    return isOneOf(condition, "FAILED_READ_FILE.CANNOT_READ_FILE_FOOTER")
        ? JobErrors.notFormat(job.input, "Parquet")
        : null;
  }

  /** Whether it is one of these conditions or a kind of them. */
  private static boolean isOneOf(String condition, String... conditions) {
    return Arrays.stream(conditions).anyMatch(condition::startsWith);
  }

  private static Dataset<Row> table(SparkSession spark, JobCommand job, OptionValues values) {
    return PromptTables.load(
        spark, job.inputFormat.name(), Map.of(), job.input, values.text(OptionKey.MESSAGES_COL));
  }
}
