package io.github.gptoss.spark.internal.job;

/** The arguments of the job that are no options of the connector. */
public enum JobArgument implements Argument {
  INPUT(
      "PATH",
      "table of prompts: file, folder or any URI that Spark reads; or what else the source of"
          + " --input-format loads"),
  INPUT_TABLE(
      "TABLE",
      "table or view of prompts by its name in a catalog; instead of --input and its format"),
  INPUT_FORMAT(
      "FORMAT",
      "json, csv, parquet, delta, orc, avro, xml, text, openai-batch, jdbc, or any other source of"
          + " Spark by its name; json is one object a line, or one array; csv has a header line;"
          + " --set input.NAME=VALUE sets an option of Spark's reader"),
  OUTPUT("PATH", "Delta table to write, by its path"),
  OUTPUT_TABLE("TABLE", "Delta table to write, by its name in a catalog; instead of --output"),
  OUTPUT_MODE(
      "MODE",
      "what to do with a table that exists: resume, errorifexists, overwrite, append; resume adds"
          + " the rows that a table written by this job lacks; default: resume"),
  ID_COL(
      "COLUMN",
      "column that identifies a row, or a field of one (order.id), by which the job tells which"
          + " rows are done; values that occur more than once stay rows and are counted as"
          + " duplicates in the summary; default: id, where the table has it"),
  MODE(
      "MODE",
      "batch, streaming; streaming takes the rows that a Delta table has got since the last run,"
          + " batch compares ids; default: streaming where the input is Delta"),
  ON_CHANGE(
      "ACTION",
      "what to do where the prompt of a row that is done has changed in the input, or the row is"
          + " gone: skip, complete, fail; skip leaves the output's row and counts it, complete"
          + " redoes changed prompts by the id column; default: skip, but without an id column the"
          + " job is refused where such a change may also have added rows, which only an explicit"
          + " skip passes over"),
  CHECKPOINT(
      "PATH",
      "folder of what the job keeps to go on from: checkpoint and journal; required where the"
          + " output is a managed table; default: OUTPUT/_gptoss"),
  JOURNAL(
      "MODE",
      "on, off, keep: whether completions are kept in files until their table is written, so that a"
          + " run that is ended loses none; keep leaves them there; default: on"),
  JOURNAL_SECONDS("S", "how long a completion may wait for the journal; default: 3"),
  BATCH_FILES("N", "files of the input that streaming mode completes in one commit; default: 1000"),
  ERROR_THRESHOLD(
      "SHARE",
      "stops the job, with what was done kept, when more than this share of its rows (0 to 1)"
          + " failed"),
  ERROR_THRESHOLD_ROWS("N", "rows before --error-threshold counts; default: 100"),
  RETRY_ERRORS(
      null, "completes the failed rows of the output again, instead of those of the input"),
  ESCALATE_EFFORT(
      null,
      "completes rows that failed or are empty again, and with --set min_confidence=P those that"
          + " are less certain, at the next reasoning effort; the effort is in column"
          + " COMPLETION_effort"),
  DRY_RUN(null, "counts tokens, completes a small sample in memory, writes nothing"),
  REPORT(
      "DIR",
      "folder for the run's report, a page and a Markdown file; default: reports in the"
          + " checkpoint's folder"),
  SET(
      "OPTION=VALUE",
      "any option of the list below, or an option of the input's reader as input.NAME; may be"
          + " repeated"),
  STACKTRACE(null, "show where an error comes from"),
  HELP(null, "show this help");

  private final String value;
  private final String description;

  JobArgument(String value, String description) {
    this.value = value;
    this.description = description;
  }

  @Override
  public String value() {
    return value;
  }

  @Override
  public String description() {
    return description;
  }
}
