package io.github.gptoss.spark.internal.eval;

import io.github.gptoss.spark.internal.options.OptionValues;
import io.github.gptoss.spark.internal.prompts.ColumnPath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/**
 * The rows of an evaluation's table. Spark counts them; the driver gets one row for each kind of
 * outcome, however many problems there are, and only thresholds take one for each problem.
 */
final class Results {
  private static final String PROBLEM = "problem";
  private static final String EFFORT = "effort";
  private static final String GROUP = "group_name";
  private static final String CORRECT = "correct";
  private static final String SAMPLES = "samples";
  private static final String RIGHT = "right";
  private static final String VOTE = "vote";
  private static final String SCORE = "score";
  private static final String COUNT = "problems";
  private static final String CONFIDENCE = "confidence";

  private final Dataset<Row> rows;

  private Results(Dataset<Row> rows) {
    this.rows = rows;
  }

  /**
   * The results in a table.
   *
   * @param completion name of the column of completions
   */
  static Results of(Dataset<Row> table, String completion) {
    String column = ColumnPath.quoted(completion);
    return new Results(
        table.select(
            functions.col(SampleSchema.evaluation(SampleSchema.PROBLEM)).as(PROBLEM),
            functions.col(SampleSchema.evaluation(SampleSchema.EFFORT)).as(EFFORT),
            functions
                .coalesce(
                    functions.col(SampleSchema.evaluation(SampleSchema.GROUP)), functions.lit(""))
                .as(GROUP),
            functions.col(SampleSchema.evaluation(SampleSchema.SAMPLE)).as("sample"),
            functions.col(SampleSchema.grade("extracted")).as("extracted"),
            functions.col(SampleSchema.grade("parsed")).as("parsed"),
            functions.col(SampleSchema.grade("correct")).as(CORRECT),
            functions.col(SampleSchema.grade("score")).as(SCORE),
            functions.col(column + ".finish_reason").equalTo("length").as("truncated"),
            functions.col(column + ".error_code").isNotNull().as("error"),
            functions
                .coalesce(functions.trim(functions.col(column + ".response")), functions.lit(""))
                .notEqual("")
                .as("answers"),
            functions.col(column + ".confidence").as(CONFIDENCE),
            tokens(column, "input_tokens"),
            tokens(column, "output_tokens"),
            tokens(column, "reasoning_tokens")));
  }

  private static Column tokens(String completion, String name) {
    return functions
        .coalesce(functions.col(completion + ".usage." + name).cast("long"), functions.lit(0L))
        .as(name);
  }

  /** Whether a table holds the results of an evaluation, which the caller may not have made. */
  static boolean isOfAnEvaluation(StructType table) {
    List<String> columns = Arrays.asList(table.fieldNames());
    return columns.contains(SampleSchema.EVALUATION) && columns.contains(SampleSchema.GRADE);
  }

  /** The problems that the grader knows the keys of, by effort and group. */
  private Dataset<Row> problems() {
    return graded()
        .groupBy(PROBLEM, EFFORT, GROUP)
        .agg(
            functions.count(functions.lit(1)).as(SAMPLES),
            functions.sum(functions.col(CORRECT).cast("long")).as(RIGHT),
            // Whatever order the scores were added up in.
            functions.round(functions.avg(SCORE), 12).as(SCORE));
  }

  private Dataset<Row> graded() {
    return rows.where(functions.col(CORRECT).isNotNull());
  }

  /** Of each problem the share of its most frequent answers that are right. */
  private Dataset<Row> votes() {
    Dataset<Row> answers =
        graded()
            .where("parsed")
            .groupBy(PROBLEM, EFFORT, GROUP, "extracted")
            .agg(
                functions.count(functions.lit(1)).as("voters"),
                functions.max(functions.col(CORRECT).cast("double")).as(RIGHT));
    return answers
        .groupBy(PROBLEM, EFFORT, GROUP)
        .agg(
            functions
                .collect_list(functions.struct(functions.col("voters"), functions.col(RIGHT)))
                .as("answers"))
        .withColumn("most", functions.expr("array_max(transform(answers, a -> a.voters))"))
        .withColumn("first", functions.expr("filter(answers, a -> a.voters = most)"))
        .withColumn(
            VOTE,
            functions.expr("aggregate(first, 0D, (sum, a) -> sum + a." + RIGHT + ") / size(first)"))
        .select(PROBLEM, EFFORT, GROUP, VOTE);
  }

  /** One tally for each effort and group, in order; without problems where none was graded. */
  List<Tally> tallies() {
    Map<List<String>, List<Tally.Problems>> problems = new HashMap<>();
    List<String> keys = List.of(PROBLEM, EFFORT, GROUP);
    problems()
        .join(votes(), keys.toArray(new String[0]), "left")
        .groupBy(
            functions.col(EFFORT),
            functions.col(GROUP),
            functions.col(SAMPLES),
            functions.col(RIGHT),
            functions.coalesce(functions.col(VOTE), functions.lit(0.0)).as(VOTE),
            functions.col(SCORE))
        .agg(functions.count(functions.lit(1)).as(COUNT))
        // The bootstrap draws places: they are to be the same in each reading.
        .orderBy(EFFORT, GROUP, SAMPLES, RIGHT, VOTE, SCORE)
        .collectAsList()
        .forEach(
            row ->
                problems
                    .computeIfAbsent(
                        List.of(row.getString(0), row.getString(1)), name -> new ArrayList<>())
                    .add(
                        new Tally.Problems(
                            row.getLong(6),
                            row.getLong(2),
                            row.getLong(3),
                            row.getDouble(4),
                            row.getDouble(5))));
    List<Tally> tallies = new ArrayList<>();
    totals()
        .forEach(
            (name, totals) ->
                tallies.add(
                    new Tally(
                        name.get(0), name.get(1), problems.getOrDefault(name, List.of()), totals)));
    return tallies;
  }

  private static int inOrder(List<String> one, List<String> other) {
    int byEffort =
        Integer.compare(
            OptionValues.EFFORTS.indexOf(one.get(0)), OptionValues.EFFORTS.indexOf(other.get(0)));
    return byEffort != 0 ? byEffort : one.get(1).compareTo(other.get(1));
  }

  private Map<List<String>, Tally.Totals> totals() {
    Column isGraded = functions.col(CORRECT).isNotNull();
    Column isTruncated = functions.col("truncated");
    Column isError = functions.col("error").and(functions.not(isTruncated));
    Column isUnparsed =
        isGraded
            .and(functions.not(functions.col("parsed")))
            .and(functions.not(isTruncated))
            .and(functions.not(isError));
    Map<List<String>, Tally.Totals> totals = new TreeMap<>(Results::inOrder);
    rows.groupBy(EFFORT, GROUP)
        .agg(
            functions.count(functions.lit(1)),
            count(isGraded),
            count(isGraded.and(functions.col(CORRECT))),
            count(isTruncated),
            count(isError),
            count(isUnparsed),
            functions.sum("input_tokens"),
            functions.sum("output_tokens"),
            functions.sum("reasoning_tokens"))
        .collectAsList()
        .forEach(
            row ->
                totals.put(
                    List.of(row.getString(0), row.getString(1)),
                    new Tally.Totals(
                        row.getLong(2),
                        row.getLong(3),
                        row.getLong(4),
                        row.getLong(5),
                        row.getLong(6),
                        row.getLong(7),
                        row.getLong(8),
                        row.getLong(9),
                        row.getLong(10))));
    return totals;
  }

  private static Column count(Column condition) {
    return functions.count(functions.when(condition, 1));
  }

  /** How far these results are ahead of others, at each effort that both have. */
  List<Difference> differences(Results baseline) {
    Column passRate = functions.col(RIGHT).divide(functions.col(SAMPLES));
    Dataset<Row> own =
        problems().select(functions.col(PROBLEM), functions.col(EFFORT), passRate.as("own"));
    Dataset<Row> others =
        baseline
            .problems()
            .select(functions.col(PROBLEM), functions.col(EFFORT), passRate.as("others"));
    Map<String, List<Difference.Pairs>> pairs = new LinkedHashMap<>();
    OptionValues.EFFORTS.forEach(effort -> pairs.put(effort, new ArrayList<>()));
    own.join(others, new String[] {PROBLEM, EFFORT}, "inner")
        .groupBy(EFFORT, "own", "others")
        .agg(functions.count(functions.lit(1)).as(COUNT))
        .orderBy(EFFORT, "own", "others")
        .collectAsList()
        .forEach(
            row ->
                pairs
                    .get(row.getString(0))
                    .add(new Difference.Pairs(row.getLong(3), row.getDouble(1), row.getDouble(2))));
    List<Difference> differences = new ArrayList<>();
    pairs.forEach(
        (effort, alike) -> {
          if (!alike.isEmpty()) {
            differences.add(Difference.of(effort, alike));
          }
        });
    return differences;
  }

  /** How often answers of a confidence are right; empty where no answer has one. */
  List<Calibration> calibrations() {
    Map<String, List<Calibration.Bin>> bins = new LinkedHashMap<>();
    OptionValues.EFFORTS.forEach(effort -> bins.put(effort, new ArrayList<>()));
    Column bin =
        functions
            .least(
                functions.floor(functions.col(CONFIDENCE).multiply(Calibration.BINS)),
                functions.lit((long) Calibration.BINS - 1))
            .cast("int");
    graded()
        .where(functions.col(CONFIDENCE).isNotNull())
        .groupBy(functions.col(EFFORT), bin.as("bin"))
        .agg(
            functions.count(functions.lit(1)),
            functions.sum(functions.col(CORRECT).cast("long")),
            functions.avg(CONFIDENCE))
        .orderBy(EFFORT, "bin")
        .collectAsList()
        .forEach(
            row ->
                bins.get(row.getString(0))
                    .add(
                        new Calibration.Bin(
                            row.getInt(1), row.getLong(2), row.getLong(3), row.getDouble(4))));
    List<Calibration> calibrations = new ArrayList<>();
    bins.forEach(
        (effort, some) -> {
          if (!some.isEmpty()) {
            calibrations.add(new Calibration(effort, some));
          }
        });
    return calibrations;
  }

  /**
   * The first sample of each problem at each of the efforts, of problems that have them all: other
   * samples of a problem are not independent of it.
   *
   * @param efforts the lowest first
   */
  List<List<Thresholds.Attempt>> attempts(List<String> efforts) {
    Map<String, Map<String, Thresholds.Attempt>> byProblem = new TreeMap<>();
    graded()
        .where(functions.col("sample").equalTo(0))
        .select(PROBLEM, EFFORT, CONFIDENCE, "answers", "error", "output_tokens", CORRECT)
        .collectAsList()
        .forEach(
            row ->
                byProblem
                    .computeIfAbsent(row.getString(0), problem -> new LinkedHashMap<>())
                    .put(row.getString(1), attempt(row)));
    return byProblem.values().stream()
        .filter(attempts -> attempts.keySet().containsAll(efforts))
        .map(attempts -> efforts.stream().map(attempts::get).toList())
        .toList();
  }

  private static Thresholds.Attempt attempt(Row row) {
    boolean isError = row.getBoolean(4);
    long tokens = row.getLong(5);
    return new Thresholds.Attempt(
        row.isNullAt(2) ? null : row.getDouble(2),
        row.getBoolean(3) && !isError,
        isError && tokens == 0,
        row.getBoolean(6),
        tokens);
  }
}
