package io.github.gptoss.spark;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * What a run did; its JSON is the job's last line on standard output.
 *
 * @param rows rows completed, errors included
 * @param errors rows whose completion is an error
 * @param duplicates rows of this run's input that repeat another one's id; 0 where there is no id
 *     column
 * @param seconds from the start of reading to the end of writing, loading the model included
 * @param resumedRows rows taken over from an earlier run
 */
@JsonPropertyOrder({
  "rows",
  "errors",
  "duplicates",
  "input_tokens",
  "output_tokens",
  "seconds",
  "resumed_rows"
})
record JobSummary(
    @JsonProperty("rows") long rows,
    @JsonProperty("errors") long errors,
    @JsonProperty("duplicates") long duplicates,
    @JsonProperty("input_tokens") long inputTokens,
    @JsonProperty("output_tokens") long outputTokens,
    @JsonProperty("seconds") double seconds,
    @JsonProperty("resumed_rows") long resumedRows) {

  String toJson() {
    try {
      return new ObjectMapper().writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("numbers always have a JSON form", e);
    }
  }
}
