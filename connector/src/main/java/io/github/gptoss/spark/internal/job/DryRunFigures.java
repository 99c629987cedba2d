package io.github.gptoss.spark.internal.job;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;

/**
 * What a dry run found; its JSON is the job's last line on standard output.
 *
 * @param histogram rows by the power of two that their prompt's tokens do not exceed
 * @param overLongRows whose prompt leaves no room for an answer
 * @param errors rows by the code of the error that they would get
 * @param duplicateShare of the prompts, those that repeat another one
 * @param sharedPrefixShare of the prompts' blocks of keys and values, those that another row has
 *     computed; counted to about a hundredth
 * @param sample null where there is no row
 */
record DryRunFigures(
    @JsonProperty("rows") long rows,
    @JsonProperty("input_tokens") long inputTokens,
    @JsonProperty("longest_prompt_tokens") int longestPromptTokens,
    @JsonProperty("prompt_tokens_histogram") Map<Integer, Long> histogram,
    @JsonProperty("over_long_rows") long overLongRows,
    @JsonProperty("errors") Map<String, Long> errors,
    @JsonProperty("duplicate_share") double duplicateShare,
    @JsonProperty("shared_prefix_share") double sharedPrefixShare,
    @JsonProperty("sample") Sample sample) {

  /**
   * Rows that were completed in memory.
   *
   * @param estimatedSeconds for all rows, on this session as it is now
   */
  record Sample(
      @JsonProperty("rows") long rows,
      @JsonProperty("seconds") double seconds,
      @JsonProperty("output_tokens_per_row") double outputTokensPerRow,
      @JsonProperty("estimated_seconds") double estimatedSeconds) {}

  String toJson() {
    try {
      return new ObjectMapper().writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("numbers always have a JSON form", e);
    }
  }
}
