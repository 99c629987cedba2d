package io.github.gptoss.spark.internal.eval;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The tables that are evaluated: those of benchmarks in the shapes that their authors publish,
 * whose columns are known here, and tables of one's own. No problem of a benchmark is here.
 */
enum Benchmark {
  /** A table of one's own, with prompts as the job takes them. */
  TABLE(new Columns(List.of(), List.of("key"), List.of(), List.of("group"), List.of("id")), 1),

  /** Idavidrein/gpqa: a right answer and three wrong ones, which are shuffled for each sample. */
  GPQA(
      new Columns(
          List.of("Question"),
          List.of("Correct Answer"),
          List.of(),
          List.of("High-level domain"),
          List.of("Record ID", "id")),
      8),

  /** opencompass/AIME2025 and others of its shape: problems whose answers are integers. */
  AIME(
      new Columns(
          List.of("question", "problem"),
          List.of("answer"),
          List.of(),
          List.of("group"),
          List.of("id")),
      8),

  /** cais/mmlu: four choices, of which the answer is the place of one, counted from 0. */
  MMLU(
      new Columns(
          List.of("question"),
          List.of("answer"),
          List.of("choices", "options"),
          List.of("subject"),
          List.of("id")),
      1),

  /** TIGER-Lab/MMLU-Pro: up to ten options, of which the answer is the letter of one. */
  MMLU_PRO(
      new Columns(
          List.of("question"),
          List.of("answer"),
          List.of("options", "choices"),
          List.of("category"),
          List.of("question_id", "id")),
      1);

  /** Of GPQA, beside the right one. */
  static final List<String> WRONG_ANSWERS =
      List.of("Incorrect Answer 1", "Incorrect Answer 2", "Incorrect Answer 3");

  private static final String CHOOSE =
      """
      {question}

      {options}

      One of the options is right. End with a line that names its letter, in the form "Answer: X".""";

  private static final String COMPUTE =
      """
      {question}

      Reason step by step. The answer is an integer: end with it in \\boxed{{}}.""";

  /** Published scores of gpt-oss, in percent, by effort: vLLM's recipe page for gpt-oss. */
  private static final Map<String, double[]> GPQA_SCORES =
      Map.of(
          "low", new double[] {65.3, 56.8},
          "medium", new double[] {72.4, 67.5},
          "high", new double[] {79.4, 70.9});

  private static final Map<String, double[]> AIME_SCORES =
      Map.of(
          "low", new double[] {51.2, 38.8},
          "medium", new double[] {79.6, 75.0},
          "high", new double[] {93.0, 85.8});

  private final Columns columns;
  private final int samples;

  Benchmark(Columns columns, int samples) {
    this.columns = columns;
    this.samples = samples;
  }

  /**
   * Names that columns have, the first that a table has being taken.
   *
   * @param choices a column that holds a list; where the table has none, each choice has a column
   *     of its letter
   */
  record Columns(
      List<String> question,
      List<String> key,
      List<String> choices,
      List<String> group,
      List<String> id) {}

  Columns columns() {
    return columns;
  }

  /** Samples of a problem, where none are asked for. */
  int samples() {
    return samples;
  }

  boolean isOfChoices() {
    return this == GPQA || this == MMLU || this == MMLU_PRO;
  }

  /** The grader where none is asked for; null where one has to be. */
  String grader() {
    return switch (this) {
      case TABLE -> null;
      case GPQA, MMLU -> "choice";
      case AIME -> "integer";
      case MMLU_PRO -> "{\"type\": \"choice\", \"options\": 10}";
    };
  }

  /**
   * The prompt over columns {@code question} and {@code options}; null where the table has its own.
   */
  String promptTemplate() {
    return this == TABLE ? null : isOfChoices() ? CHOOSE : COMPUTE;
  }

  /** Published scores of gpt-oss-120b and gpt-oss-20b, in percent; null where there are none. */
  double[] published(String effort) {
    return switch (this) {
      case GPQA -> GPQA_SCORES.get(effort);
      case AIME -> AIME_SCORES.get(effort);
      default -> null;
    };
  }

  /** As the command line has it. */
  String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
