package io.github.gptoss.spark.internal.job;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.github.gptoss.spark.internal.budget.Budget;
import io.github.gptoss.spark.internal.completions.CompletionStore;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.sql.ResolvedCall;
import io.github.gptoss.spark.internal.sql.rules.TableCompletion;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * What a run would meet: prompts by their tokens, rows that cannot be completed, what rows have in
 * common, and an estimate of the time from a sample that is completed in memory.
 */
record DryRun(SparkSession spark, JobSpec job) {
  private static final int SAMPLE_ROWS = 64;
  private static final double DISTINCT_ERROR = 0.01;

  /**
   * What a dry run found; its JSON is the job's last line on standard output.
   *
   * @param promptTokensHistogram rows by the power of two that their prompt's tokens do not exceed
   * @param overLongRows whose prompt leaves no room for an answer
   * @param errors rows by the code of the error that they would get
   * @param duplicateShare of the prompts, those that repeat another one
   * @param sharedPrefixShare of the prompts' blocks of keys and values, those that another row has
   *     computed; counted to about a hundredth
   * @param sample null where there is no row
   * @param budget null where there is no budget, or no row
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Figures(
      long rows,
      long inputTokens,
      int longestPromptTokens,
      Map<Integer, Long> promptTokensHistogram,
      long overLongRows,
      Map<String, Long> errors,
      double duplicateShare,
      double sharedPrefixShare,
      Sample sample,
      BudgetCheck budget) {

    /**
     * Rows that were completed in memory.
     *
     * @param estimatedSeconds for all rows, on this session as it is now
     * @param estimatedTokens of all generations, prompts and completions, which is what
     *     token_budget counts; rows that repeat others, or were completed by earlier runs, take
     *     none of them
     */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    record Sample(
        long rows,
        double seconds,
        double outputTokensPerRow,
        double estimatedSeconds,
        long estimatedTokens) {}

    /**
     * What the options allow, beside the estimates.
     *
     * @param tokens null where they are not limited
     * @param seconds null where they are not limited
     * @param suffices whether the estimates are within it
     */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    record BudgetCheck(Long tokens, Double seconds, boolean suffices) {
      /** Null where nothing is limited. */
      static BudgetCheck of(Budget budget, Sample sample) {
        if (!budget.isLimited() || sample == null) {
          return null;
        }
        return new BudgetCheck(
            budget.limitsTokens() ? budget.tokens() : null,
            budget.limitsTime() ? budget.millis() / 1e3 : null,
            sample.estimatedTokens() <= budget.tokens()
                && 1e3 * sample.estimatedSeconds() <= budget.millis());
      }
    }
  }

  /** Shows what was found. */
  Figures run() throws Exception {
    ResolvedCall call = ResolvedCall.of(spark, job.options());
    Dataset<Row> input =
        job.steps()
            .before(
                JobInput.read(
                    spark,
                    job.input(),
                    call.options(),
                    line -> System.err.println("gptoss: " + line)));
    // The sample is to be completed whatever the budget, and as if nothing had been before.
    ResolvedCall sampling =
        call.without(OptionKey.TOKEN_BUDGET, OptionKey.TIME_BUDGET, OptionKey.COMPLETION_CACHE);
    TableCompletion completion = TableCompletion.of(spark, input.schema(), sampling);
    Figures found = measure(input, completion, Budget.of(call.options()));
    show(found, System.err);
    return found;
  }

  private Figures measure(Dataset<Row> input, TableCompletion completion, Budget budget) {
    Dataset<Row> rows = completion.measure(input);
    Row totals =
        rows.agg(
                functions.count(functions.lit(1)),
                functions.coalesce(functions.sum("tokens"), functions.lit(0L)),
                functions.coalesce(functions.max("tokens"), functions.lit(0)),
                functions.count("prompt_hash"),
                functions.count_distinct(functions.col("prompt_hash")),
                functions.coalesce(
                    functions.sum(functions.size(functions.col("block_hashes"))),
                    functions.lit(0L)))
            .head();
    long prompts = totals.getLong(3);
    long blocks = totals.getLong(5);
    Figures.Sample sample = sample(input, totals.getLong(0), totals.getLong(1), completion);
    Map<String, Long> errors = errors(rows);
    return new Figures(
        totals.getLong(0),
        totals.getLong(1),
        totals.getInt(2),
        histogram(rows),
        errors.getOrDefault("context_length_exceeded", 0L),
        errors,
        share(prompts - totals.getLong(4), prompts),
        share(blocks - distinctBlocks(rows), blocks),
        sample,
        Figures.BudgetCheck.of(budget, sample));
  }

  private static Map<Integer, Long> histogram(Dataset<Row> rows) {
    Column power = functions.ceil(functions.log2(functions.col("tokens"))).cast("int");
    Map<Integer, Long> histogram = new TreeMap<>();
    rows.where("tokens > 0")
        .groupBy(power.as("power"))
        .count()
        .collectAsList()
        .forEach(bucket -> histogram.put(1 << bucket.getInt(0), bucket.getLong(1)));
    return histogram;
  }

  private static Map<String, Long> errors(Dataset<Row> rows) {
    Map<String, Long> errors = new TreeMap<>();
    rows.where("error_code IS NOT NULL")
        .groupBy("error_code")
        .count()
        .collectAsList()
        .forEach(error -> errors.put(error.getString(0), error.getLong(1)));
    return errors;
  }

  private static long distinctBlocks(Dataset<Row> rows) {
    return rows.select(functions.explode(functions.col("block_hashes")).as("block"))
        .agg(functions.approx_count_distinct(functions.col("block"), DISTINCT_ERROR))
        .head()
        .getLong(0);
  }

  private static double share(long part, long whole) {
    return whole == 0 ? 0 : Math.round(1e4 * Math.max(0, part) / whole) / 1e4;
  }

  private Figures.Sample sample(
      Dataset<Row> input, long rows, long inputTokens, TableCompletion completion) {
    double share = 4.0 * SAMPLE_ROWS / Math.max(1, rows);
    Dataset<Row> sample =
        (share < 1 ? input.sample(share, 1) : input)
            .limit(SAMPLE_ROWS)
            .repartition(spark.sparkContext().defaultParallelism())
            .cache();
    try {
      long sampleRows = sample.count();
      if (sampleRows == 0) {
        return null;
      }
      // One row first: loading the model is no part of the speed.
      complete(sample.limit(1), completion);
      long startNanos = System.nanoTime();
      JobCounters counters = complete(sample, completion);
      double seconds = (System.nanoTime() - startNanos) / 1e9;
      long tokens = counters.outputTokens.value();
      // Each generation of a row takes a prompt, of which all rows' first ones are counted exactly.
      // Rows of the sample that repeat others took nothing, and are held to cost what they say.
      long beyondPrompts =
          Math.max(tokens, counters.spentTokens.value() - promptTokens(sample, completion));
      return new Figures.Sample(
          sampleRows,
          Math.round(seconds * 1e3) / 1e3,
          Math.round(10.0 * tokens / sampleRows) / 10.0,
          (double) Math.round(seconds * rows / sampleRows),
          inputTokens + Math.round((double) beyondPrompts * rows / sampleRows));
    } finally {
      sample.unpersist();
    }
  }

  private static long promptTokens(Dataset<Row> rows, TableCompletion completion) {
    return completion
        .measure(rows)
        .agg(functions.coalesce(functions.sum("tokens"), functions.lit(0L)))
        .head()
        .getLong(0);
  }

  /** What was generated. */
  private JobCounters complete(Dataset<Row> rows, TableCompletion completion) {
    JobCounters counters = new JobCounters(spark.sparkContext());
    completion
        .complete(rows, counters, CompletionStore.Factory.NONE)
        .write()
        .format("noop")
        .mode("overwrite")
        .save();
    return counters;
  }

  private static void show(Figures found, PrintStream err) {
    err.printf(
        Locale.ROOT,
        "gptoss: dry run: %,d rows, %,d prompt tokens, the longest prompt has %,d%n",
        found.rows(),
        found.inputTokens(),
        found.longestPromptTokens());
    long most = found.promptTokensHistogram().values().stream().mapToLong(n -> n).max().orElse(1);
    found
        .promptTokensHistogram()
        .forEach(
            (upTo, rows) ->
                err.printf(
                    Locale.ROOT,
                    "  up to %,9d tokens %,12d  %s%n",
                    upTo,
                    rows,
                    "#".repeat((int) Math.max(1, 40 * rows / most))));
    err.printf(
        Locale.ROOT,
        "  %,d rows too long, errors %s; %.1f%% of the prompts repeat another, %.1f%% of the"
            + " prompts' blocks are shared%n",
        found.overLongRows(),
        found.errors(),
        100 * found.duplicateShare(),
        100 * found.sharedPrefixShare());
    Figures.Sample sample = found.sample();
    if (sample != null) {
      err.printf(
          Locale.ROOT,
          "  about %,d tokens and %,.0f s as this session is now, by a sample of %d rows in %.1f s,"
              + " %.1f tokens a row%n",
          sample.estimatedTokens(),
          sample.estimatedSeconds(),
          sample.rows(),
          sample.seconds(),
          sample.outputTokensPerRow());
    }
    Figures.BudgetCheck budget = found.budget();
    if (budget != null) {
      err.printf(
          Locale.ROOT,
          "  the budget of %s %s%n",
          budget.tokens() == null
              ? String.format(Locale.ROOT, "%,.0f s", budget.seconds())
              : String.format(Locale.ROOT, "%,d tokens", budget.tokens())
                  + (budget.seconds() == null
                      ? ""
                      : String.format(Locale.ROOT, " and %,.0f s", budget.seconds())),
          budget.suffices() ? "suffices" : "does not suffice: some rows would be left");
    }
    err.flush();
  }
}
