package io.github.gptoss.spark.internal.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JobSummaryTest {
  /** Callers read the line by these names. */
  @Test
  void itsJsonHasTheNamesThatArePromised() throws Exception {
    JobSummary summary =
        new JobSummary(
            1, 2, 3, 4, 5, 6.5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, Map.of(), Map.of(),
            "run");
    String json = new ObjectMapper().writeValueAsString(summary);
    List<String> names = new ArrayList<>();
    new ObjectMapper().readTree(json).fieldNames().forEachRemaining(names::add);
    assertThat(names)
        .containsExactly(
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
            "changed_rows",
            "generated_tokens",
            "lost_tokens",
            "skipped_segments",
            "cached_rows",
            "cached_tokens",
            "spent_tokens",
            "left_rows",
            "finish_reasons",
            "error_codes",
            "run_id");
    assertThat(json).startsWith("{\"rows\":1,\"errors\":2,").contains(":6.5,");
  }
}
