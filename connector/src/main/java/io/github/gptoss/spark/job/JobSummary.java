package io.github.gptoss.spark.job;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
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
 * @param generatedTokens tokens of the completions that this run generated
 * @param lostTokens tokens that earlier runs had generated for rows which they did not complete, as
 *     far as the journal tells: generated twice
 * @param skippedSegments files of the journal that were damaged
 * @param finishReasons how often each occurred
 * @param errorCodes how often each occurred
 */
@JsonPropertyOrder({
  "rows",
  "errors",
  "duplicates",
  "input_tokens",
  "output_tokens",
  "seconds",
  "resumed_rows",
  "skipped_rows",
  "deduplicated_rows",
  "escalated_rows",
  "generated_tokens",
  "lost_tokens",
  "skipped_segments",
  "finish_reasons",
  "error_codes",
  "run_id"
})
record JobSummary(
    @JsonProperty("rows") long rows,
    @JsonProperty("errors") long errors,
    @JsonProperty("duplicates") long duplicates,
    @JsonProperty("input_tokens") long inputTokens,
    @JsonProperty("output_tokens") long outputTokens,
    @JsonProperty("seconds") double seconds,
    @JsonProperty("resumed_rows") long resumedRows,
    @JsonProperty("skipped_rows") long skippedRows,
    @JsonProperty("deduplicated_rows") long deduplicatedRows,
    @JsonProperty("escalated_rows") long escalatedRows,
    @JsonProperty("generated_tokens") long generatedTokens,
    @JsonProperty("lost_tokens") long lostTokens,
    @JsonProperty("skipped_segments") long skippedSegments,
    @JsonProperty("finish_reasons") Map<String, Long> finishReasons,
    @JsonProperty("error_codes") Map<String, Long> errorCodes,
    @JsonProperty("run_id") String runId) {

  static JobSummary of(
      JobCounters counters, long duplicates, long skippedRows, double seconds, String runId) {
    return new JobSummary(
        counters.rows.value(),
        counters.errors.value(),
        duplicates,
        counters.inputTokens.value(),
        counters.outputTokens.value(),
        Math.round(seconds * 1e3) / 1e3,
        counters.resumedRows.value(),
        skippedRows,
        counters.deduplicatedRows.value(),
        counters.escalatedRows.value(),
        counters.generatedTokens.value(),
        counters.lostTokens.value().stream().mapToLong(tokens -> tokens).max().orElse(0),
        counters.skippedSegments.value().stream().distinct().count(),
        counters.finishReasons.value(),
        counters.errorCodes.value(),
        runId);
  }

  String toJson() {
    try {
      return new ObjectMapper().writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("numbers always have a JSON form", e);
    }
  }
}
