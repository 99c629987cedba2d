package io.github.gptoss.spark.internal.job;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Map;

/**
 * What a run did; its JSON is the job's last line on standard output.
 *
 * @param rows rows completed, errors included
 * @param errors rows whose completion is an error
 * @param duplicates rows of the input that repeat another one's id; 0 where there is no id column
 * @param outputTokens tokens of the rows' completions, wherever they came from
 * @param seconds from the start of reading to the end of writing, loading the model included
 * @param resumedRows completions that the journal had from an earlier run or attempt
 * @param skippedRows rows that the output had already
 * @param deduplicatedRows completions that were generated for an equal row
 * @param escalatedRows completions made again at a higher effort; only the last one is in {@code
 *     rows}
 * @param changedRows rows whose prompt changed in the input after they were done, whatever became
 *     of them
 * @param generatedTokens tokens of the completions that this run generated
 * @param lostTokens tokens that earlier runs had generated for rows which they did not complete, as
 *     far as the journal tells: generated twice
 * @param skippedSegments files of the journal or the completion cache that were damaged
 * @param cachedRows completions that the completion cache had
 * @param cachedTokens tokens of the prompts and completions that the completion cache had, which
 *     were not computed
 * @param spentTokens tokens of prompts and completions that this run had generated, which its
 *     budget counts; where it has one, those of tasks that failed and of an evaluation's judge too
 * @param leftRows rows that the budget left, which the next run completes; they are among the
 *     {@code errors}
 * @param finishReasons how often each occurred
 * @param errorCodes how often each occurred
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record JobSummary(
    long rows,
    long errors,
    long duplicates,
    long inputTokens,
    long outputTokens,
    double seconds,
    long resumedRows,
    long skippedRows,
    long deduplicatedRows,
    long escalatedRows,
    long changedRows,
    long generatedTokens,
    long lostTokens,
    long skippedSegments,
    long cachedRows,
    long cachedTokens,
    long spentTokens,
    long leftRows,
    Map<String, Long> finishReasons,
    Map<String, Long> errorCodes,
    String runId) {

  /**
   * What a run found done before it.
   *
   * @param skippedRows rows that the output had already
   * @param changedRows rows of the output whose prompt has changed in the input
   */
  record DoneBefore(long skippedRows, long changedRows) {
    static final DoneBefore NOTHING = new DoneBefore(0, 0);

    /**
     * The same, where the run itself had completed some of these rows first.
     *
     * @param rows those among what is counted as skipped; a row that was completed again after that
     *     is not counted there
     */
    DoneBefore without(long rows) {
      return new DoneBefore(Math.max(0, skippedRows - rows), changedRows);
    }
  }

  static JobSummary of(
      JobCounters counters,
      long spentTokens,
      long duplicates,
      DoneBefore before,
      double seconds,
      String runId) {
    return new JobSummary(
        counters.rows.value(),
        counters.errors.value(),
        duplicates,
        counters.inputTokens.value(),
        counters.outputTokens.value(),
        Math.round(seconds * 1e3) / 1e3,
        counters.resumedRows.value(),
        before.skippedRows(),
        counters.deduplicatedRows.value(),
        counters.escalatedRows.value(),
        before.changedRows(),
        counters.generatedTokens.value(),
        counters.lostTokens.value().stream().mapToLong(tokens -> tokens).max().orElse(0),
        counters.skippedSegments.value().stream().distinct().count(),
        counters.cachedRows.value(),
        counters.cachedTokens.value(),
        spentTokens,
        counters.leftRows.value(),
        counters.finishReasons.value(),
        counters.errorCodes.value(),
        runId);
  }
}
