package io.github.gptoss.spark.internal.sql;

import io.github.gptoss.spark.internal.budget.Budget;
import io.github.gptoss.spark.internal.completions.CompletionFacts;
import io.github.gptoss.spark.internal.completions.CompletionObserver;
import io.github.gptoss.spark.internal.completions.CompletionOrigin;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.execution.metric.SQLMetric;
import org.apache.spark.sql.execution.metric.SQLMetrics;
import scala.Tuple2;
import scala.collection.immutable.Map;
import scala.collection.immutable.Map$;

/** The figures that Spark's UI shows at the operator. */
record BatchGenerateMetrics(
    SQLMetric rows,
    SQLMetric errors,
    SQLMetric skipped,
    SQLMetric shared,
    SQLMetric cached,
    SQLMetric left,
    SQLMetric inputTokens,
    SQLMetric outputTokens,
    SQLMetric waitNanos)
    implements CompletionObserver {

  static BatchGenerateMetrics create(SparkContext spark) {
    return new BatchGenerateMetrics(
        SQLMetrics.createMetric(spark, "rows completed"),
        SQLMetrics.createMetric(spark, "rows with an error"),
        SQLMetrics.createMetric(spark, "rows not asked for"),
        SQLMetrics.createMetric(spark, "rows deduplicated"),
        SQLMetrics.createMetric(spark, "rows from the cache"),
        SQLMetrics.createMetric(spark, "rows left by the budget"),
        SQLMetrics.createMetric(spark, "input tokens"),
        SQLMetrics.createMetric(spark, "output tokens"),
        SQLMetrics.createNanoTimingMetric(
            spark, "time waiting for the engine", SQLMetrics.createNanoTimingMetric$default$3()));
  }

  Map<String, SQLMetric> byName() {
    return Map$.MODULE$.from(
        Scala.seq(
            new Tuple2<>("rows", rows),
            new Tuple2<>("errors", errors),
            new Tuple2<>("skipped", skipped),
            new Tuple2<>("deduplicated", shared),
            new Tuple2<>("cached", cached),
            new Tuple2<>("left", left),
            new Tuple2<>("inputTokens", inputTokens),
            new Tuple2<>("outputTokens", outputTokens),
            new Tuple2<>("waitNanos", waitNanos)));
  }

  @Override
  public void completed(CompletionFacts result, CompletionOrigin origin, long endedMillis) {
    rows.add(1);
    errors.add(result.isError() ? 1 : 0);
    shared.add(origin == CompletionOrigin.SHARED ? 1 : 0);
    cached.add(origin == CompletionOrigin.CACHED ? 1 : 0);
    left.add(Budget.EXCEEDED.equals(result.errorCode()) ? 1 : 0);
    inputTokens.add(result.total().inputTokens());
    outputTokens.add(result.total().outputTokens());
  }
}
