package io.github.gptoss.spark.internal.budget;

import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import java.util.concurrent.TimeUnit;

/**
 * What a query or a run of the job may take.
 *
 * @param tokens of prompts and completions that are generated; {@link #UNLIMITED} for any number
 * @param millis of time; {@link #UNLIMITED} for as long as it takes
 */
public record Budget(long tokens, long millis) {
  public static final long UNLIMITED = Long.MAX_VALUE;

  /** The error of rows that a budget leaves. */
  public static final String EXCEEDED = "budget_exceeded";

  /** Within what the clock counts in nanoseconds. */
  private static final long MOST_MILLIS = TimeUnit.DAYS.toMillis(36_500);

  /** The budget that options set. */
  public static Budget of(OptionValues options) {
    return new Budget(
        options.isSet(OptionKey.TOKEN_BUDGET)
            ? options.longValue(OptionKey.TOKEN_BUDGET)
            : UNLIMITED,
        options.isSet(OptionKey.TIME_BUDGET)
            ? Math.min(options.millisValue(OptionKey.TIME_BUDGET), MOST_MILLIS)
            : UNLIMITED);
  }

  public boolean limitsTokens() {
    return tokens != UNLIMITED;
  }

  public boolean limitsTime() {
    return millis != UNLIMITED;
  }

  /** Whether there is any limit. */
  public boolean isLimited() {
    return limitsTokens() || limitsTime();
  }
}
