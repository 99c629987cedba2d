package io.github.gptoss.spark.job;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.spark.call.CallOptions;
import io.github.gptoss.spark.call.TableCompletion;
import io.github.gptoss.spark.conf.OptionValues;
import io.github.gptoss.spark.executor.CompletionStore;
import java.io.PrintStream;
import java.util.LinkedHashMap;
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
final class DryRun {
  private static final int SAMPLE_ROWS = 64;

  private final SparkSession spark;
  private final JobCommand job;
  private final Map<String, String> options;

  DryRun(SparkSession spark, JobCommand job, Map<String, String> options) {
    this.spark = spark;
    this.job = job;
    this.options = options;
  }

  /** Shows what was found; the same as JSON. */
  String run() throws Exception {
    OptionValues values = CallOptions.checked(spark, options);
    Dataset<Row> input = JobInput.read(spark, job, values);
    TableCompletion completion = TableCompletion.of(spark, input.schema(), options);
    Map<String, Object> found = new LinkedHashMap<>();
    found.put("dry_run", true);
    measure(completion.measure(input), found);
    estimate(input, completion, found);
    show(found, System.err);
    return new ObjectMapper().writeValueAsString(found);
  }

  /** One pass over rows of tokens, error_code, prompt_hash and block_hashes. */
  private static void measure(Dataset<Row> rows, Map<String, Object> found) {
    Column tokens = functions.col("tokens");
    // Powers of two: bucket b holds prompts of up to 2^b tokens.
    Dataset<Row> buckets =
        rows.where(tokens.gt(0))
            .groupBy(functions.ceil(functions.log2(tokens)).cast("int").as("bucket"))
            .count();
    Map<Integer, Long> histogram = new TreeMap<>();
    for (Row bucket : buckets.collectAsList()) {
      histogram.put(1 << bucket.getInt(0), bucket.getLong(1));
    }
    Row totals =
        rows.agg(
                functions.count(functions.lit(1)),
                functions.coalesce(functions.sum(tokens), functions.lit(0)),
                functions.coalesce(functions.max(tokens), functions.lit(0)),
                functions.count_distinct(functions.col("prompt_hash")),
                functions.count("prompt_hash"),
                functions.coalesce(
                    functions.sum(functions.size(functions.col("block_hashes"))), functions.lit(0)))
            .head();
    Map<String, Long> errors = new TreeMap<>();
    for (Row error :
        rows.where("error_code IS NOT NULL").groupBy("error_code").count().collectAsList()) {
      errors.put(error.getString(0), error.getLong(1));
    }
    // About a hundredth of error, for a bounded table of hashes.
    long blocks = totals.getLong(5);
    long distinct =
        rows.select(functions.explode(functions.col("block_hashes")).as("block"))
            .agg(functions.approx_count_distinct(functions.col("block"), 0.01))
            .head()
            .getLong(0);
    long hashed = totals.getLong(4);
    found.put("rows", totals.getLong(0));
    found.put("input_tokens", totals.getLong(1));
    found.put("longest_prompt_tokens", totals.getInt(2));
    found.put("prompt_tokens_histogram", histogram);
    found.put("over_long_rows", errors.getOrDefault("context_length_exceeded", 0L));
    found.put("errors", errors);
    found.put("duplicate_share", share(hashed - totals.getLong(3), hashed));
    found.put("shared_prefix_share", share(Math.max(0, blocks - distinct), blocks));
  }

  private static double share(long part, long whole) {
    return whole == 0 ? 0 : Math.round(1e4 * part / whole) / 1e4;
  }

  private void estimate(Dataset<Row> input, TableCompletion completion, Map<String, Object> found) {
    long rows = (Long) found.get("rows");
    int slots = spark.sparkContext().defaultParallelism();
    double sampled = Math.min(1, 4.0 * SAMPLE_ROWS / Math.max(1, rows));
    Dataset<Row> sample =
        (sampled < 1 ? input.sample(sampled, 1) : input)
            .limit(SAMPLE_ROWS)
            .repartition(slots)
            .cache();
    try {
      long sampleRows = sample.count();
      if (sampleRows > 0) {
        estimate(sample, sampleRows, completion, found);
      }
    } finally {
      sample.unpersist();
    }
  }

  private void estimate(
      Dataset<Row> sample, long sampleRows, TableCompletion completion, Map<String, Object> found) {
    // One row first: loading the model is no part of the speed.
    complete(sample.limit(1), completion);
    long startNanos = System.nanoTime();
    JobCounters counters = complete(sample, completion);
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    found.put("sample_rows", sampleRows);
    found.put("sample_seconds", Math.round(seconds * 1e3) / 1e3);
    found.put(
        "sample_output_tokens_per_row",
        Math.round(10.0 * counters.outputTokens.value() / sampleRows) / 10.0);
    found.put(
        "estimated_seconds", (double) Math.round(seconds * (Long) found.get("rows") / sampleRows));
  }

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

  private static void show(Map<String, Object> found, PrintStream err) {
    err.printf(
        Locale.ROOT,
        "gptoss: dry run: %,d rows, %,d prompt tokens, the longest prompt has %,d%n",
        found.get("rows"),
        found.get("input_tokens"),
        found.get("longest_prompt_tokens"));
    Map<?, ?> histogram = (Map<?, ?>) found.get("prompt_tokens_histogram");
    long most = histogram.values().stream().mapToLong(n -> (Long) n).max().orElse(1);
    histogram.forEach(
        (upTo, rows) ->
            err.printf(
                Locale.ROOT,
                "  up to %,9d tokens %,12d  %s%n",
                upTo,
                rows,
                "#".repeat((int) Math.max(1, 40 * (Long) rows / most))));
    err.printf(
        Locale.ROOT,
        "  %,d rows too long, errors %s; %.1f%% of the prompts repeat another, %.1f%% of the"
            + " prompts' blocks are shared%n",
        found.get("over_long_rows"),
        found.get("errors"),
        100 * (Double) found.get("duplicate_share"),
        100 * (Double) found.get("shared_prefix_share"));
    if (found.containsKey("estimated_seconds")) {
      err.printf(
          Locale.ROOT,
          "  about %,.0f s as this session is now, by a sample of %d rows in %.1f s, %s tokens a"
              + " row%n",
          found.get("estimated_seconds"),
          found.get("sample_rows"),
          found.get("sample_seconds"),
          found.get("sample_output_tokens_per_row"));
    }
    err.flush();
  }
}
