package io.github.gptoss.spark.internal.eval;

import io.github.gptoss.spark.internal.job.Argument;

/** The arguments of an evaluation, beside those of the job. */
enum EvalArgument implements Argument {
  BENCHMARK(
      "NAME",
      "shape of the table: gpqa, aime, mmlu, mmlu-pro, or table for one of your own, with prompts as"
          + " GptOssJob takes them, a column of keys, and --grader; default: table"),
  GRADER(
      "GRADER",
      "what tells whether an answer is right: choice, integer, exact, json, regex, numeric, or JSON"
          + " such as {\"type\": \"numeric\", \"tolerance\": 0.01}, or {\"type\": \"judge\","
          + " \"rubric\": \"...\"}; default: the benchmark's"),
  SAMPLES("N", "samples of each problem at each effort; default: 8 of gpqa and aime, else 1"),
  EFFORTS("LIST", "reasoning efforts to evaluate; default: low,medium,high"),
  QUESTION_COL("COLUMN", "column of the questions; default: the benchmark's"),
  KEY_COL("COLUMN", "column of the right answers; default: the benchmark's, or key"),
  GROUP_COL(
      "COLUMN",
      "column by which scores are also grouped; default: the benchmark's, or group, where the table"
          + " has it"),
  BASELINE("PATH", "results of another evaluation, by their path, which this one is compared with"),
  BASELINE_TABLE("TABLE", "the same by its name in a catalog; instead of --baseline"),
  TARGET_ACCURACY(
      "SHARE",
      "finds the least min_confidence with which a cascade over the efforts has at least this"
          + " accuracy; needs answers with a finite set of values, and efforts that follow each other"
          + " up to high"),
  DELTA(
      "SHARE",
      "probability with which that promise may be broken, by the choice of the sample; default:"
          + " 0.05");

  private final String value;
  private final String description;

  EvalArgument(String value, String description) {
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
