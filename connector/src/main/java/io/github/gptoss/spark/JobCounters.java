package io.github.gptoss.spark;

import io.github.gptoss.engine.FinishReason;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.spark.executor.CompletionObserver;
import io.github.gptoss.spark.executor.CompletionOrigin;
import org.apache.spark.SparkContext;
import org.apache.spark.util.LongAccumulator;

/** Counts completions on executors, as accumulators that Spark carries to the driver. */
final class JobCounters implements CompletionObserver {
  private static final long serialVersionUID = 1L;

  private final LongAccumulator rows;
  private final LongAccumulator errors;
  private final LongAccumulator inputTokens;
  private final LongAccumulator outputTokens;

  JobCounters(SparkContext spark) {
    rows = spark.longAccumulator("gptoss rows");
    errors = spark.longAccumulator("gptoss errors");
    inputTokens = spark.longAccumulator("gptoss input tokens");
    outputTokens = spark.longAccumulator("gptoss output tokens");
  }

  @Override
  public void completed(GenerationResult result, CompletionOrigin origin) {
    rows.add(1L);
    if (result.finishReason() == FinishReason.ERROR) {
      errors.add(1L);
    }
    inputTokens.add(result.usage().inputTokens());
    outputTokens.add(result.usage().outputTokens());
  }

  long rows() {
    return rows.value();
  }

  long errors() {
    return errors.value();
  }

  long inputTokens() {
    return inputTokens.value();
  }

  long outputTokens() {
    return outputTokens.value();
  }

  long rowsId() {
    return rows.id();
  }

  long errorsId() {
    return errors.id();
  }

  long outputTokensId() {
    return outputTokens.id();
  }
}
