package io.github.gptoss.spark.internal.job;

import io.github.gptoss.spark.internal.budget.Budget;
import io.github.gptoss.spark.internal.completions.CompletionFacts;
import io.github.gptoss.spark.internal.completions.CompletionObserver;
import io.github.gptoss.spark.internal.completions.CompletionOrigin;
import io.github.gptoss.spark.internal.journal.SkippedSegment;
import io.github.gptoss.spark.internal.monitor.CompletionAccumulator;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.SparkContext;
import org.apache.spark.util.AccumulatorV2;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.LongAccumulator;

/** Counts completions on executors, as accumulators that Spark carries to the driver. */
final class JobCounters implements CompletionObserver {
  private static final long serialVersionUID = 1L;

  final LongAccumulator rows;
  final LongAccumulator errors;
  final LongAccumulator inputTokens;
  final LongAccumulator outputTokens;
  final LongAccumulator generatedTokens;
  final LongAccumulator resumedRows;
  final LongAccumulator deduplicatedRows;
  final LongAccumulator escalatedRows;
  final LongAccumulator cachedRows;

  /** Prompts and completions that the completion cache had. */
  final LongAccumulator cachedTokens;

  /** Prompts and completions that were generated, which is what budgets count. */
  final LongAccumulator spentTokens;

  /** Rows that the budget left; each is an error, too. */
  final LongAccumulator leftRows;

  final NamedCounts finishReasons = new NamedCounts();
  final NamedCounts errorCodes = new NamedCounts();
  final CompletionAccumulator completions = new CompletionAccumulator();
  final CollectionAccumulator<SkippedSegment> skippedSegments;
  final CollectionAccumulator<Long> lostTokens;

  JobCounters(SparkContext spark) {
    rows = spark.longAccumulator("gptoss rows");
    errors = spark.longAccumulator("gptoss errors");
    inputTokens = spark.longAccumulator("gptoss input tokens");
    outputTokens = spark.longAccumulator("gptoss output tokens");
    generatedTokens = spark.longAccumulator("gptoss generated tokens");
    resumedRows = spark.longAccumulator("gptoss resumed rows");
    deduplicatedRows = spark.longAccumulator("gptoss deduplicated rows");
    escalatedRows = spark.longAccumulator("gptoss escalated rows");
    cachedRows = spark.longAccumulator("gptoss rows from the cache");
    cachedTokens = spark.longAccumulator("gptoss tokens from the cache");
    spentTokens = spark.longAccumulator("gptoss spent tokens");
    leftRows = spark.longAccumulator("gptoss rows left by the budget");
    skippedSegments = spark.collectionAccumulator("gptoss skipped journal segments");
    lostTokens = spark.collectionAccumulator("gptoss lost tokens");
    spark.register(finishReasons, "gptoss finish reasons");
    spark.register(errorCodes, "gptoss error codes");
    spark.register(completions);
  }

  @Override
  public void completed(CompletionFacts result, CompletionOrigin origin, long endedMillis) {
    completions.add(new CompletionAccumulator.Completed(result.total(), result.isError()));
    rows.add(1L);
    finishReasons.add(result.finishReason());
    if (result.isError()) {
      errors.add(1L);
      errorCodes.add(result.errorCode());
      leftRows.add(result.errorCode().equals(Budget.EXCEEDED) ? 1L : 0L);
    }
    inputTokens.add(result.total().inputTokens());
    outputTokens.add(result.total().outputTokens());
    countOrigin(result, origin, endedMillis);
  }

  @Override
  public void askedAgain(CompletionFacts attempt, CompletionOrigin origin, long endedMillis) {
    escalatedRows.add(1L);
    countOrigin(attempt, origin, endedMillis);
  }

  @Override
  public void partly(CompletionFacts part, CompletionOrigin origin, long endedMillis) {
    countOrigin(part, origin, endedMillis);
  }

  @Override
  public void skipped(String file, String reason) {
    skippedSegments.add(new SkippedSegment(file, reason));
  }

  private void countOrigin(CompletionFacts attempt, CompletionOrigin origin, long endedMillis) {
    switch (origin) {
      case GENERATED -> {
        generatedTokens.add(attempt.usage().outputTokens());
        spentTokens.add(attempt.usage().totalTokens());
        completions.addGenerated(attempt.usage().outputTokens(), endedMillis);
      }
      case RESUMED -> resumedRows.add(1L);
      case CACHED -> {
        cachedRows.add(1L);
        cachedTokens.add(attempt.usage().totalTokens());
      }
      case SHARED -> deduplicatedRows.add(1L);
    }
  }

  /** Counts how often each of a few names occurs. */
  static final class NamedCounts extends AccumulatorV2<String, Map<String, Long>> {
    private static final long serialVersionUID = 1L;

    private final Map<String, Long> counts = Collections.synchronizedMap(new TreeMap<>());

    @Override
    public boolean isZero() {
      return counts.isEmpty();
    }

    @Override
    public NamedCounts copy() {
      NamedCounts copy = new NamedCounts();
      copy.merge(this);
      return copy;
    }

    @Override
    public void reset() {
      counts.clear();
    }

    @Override
    public void add(String name) {
      counts.merge(name, 1L, Long::sum);
    }

    @Override
    public void merge(AccumulatorV2<String, Map<String, Long>> other) {
      other.value().forEach((name, count) -> counts.merge(name, count, Long::sum));
    }

    @Override
    public Map<String, Long> value() {
      synchronized (counts) {
        return new TreeMap<>(counts);
      }
    }
  }
}
