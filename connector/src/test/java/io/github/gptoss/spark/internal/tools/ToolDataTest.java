package io.github.gptoss.spark.internal.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ToolDataTest {
  @Test
  void travelsAsBytesAndIsReadOnceForAllTasksThatShareThem() {
    LookupRows rows =
        LookupRows.of(List.of("k"), List.of(false), Map.of(List.of("b"), "1", List.of("B"), "2"));
    ToolData data =
        new ToolData(
            new HashMap<>(Map.of("f", rows)), new Pages(List.of(new Page("u", "title", "text"))));
    byte[] bytes = data.bytes();
    ToolData read = ToolData.of(bytes);
    assertThat(read.lookups()).isEqualTo(data.lookups());
    assertThat(read.lookups().get("f").byKey().get(List.of("B"))).isEqualTo("2");
    assertThat(read.pages().at("u")).isEqualTo(new Page("u", "title", "text"));
    assertThat(ToolData.of(bytes)).isSameAs(read);
    assertThat(ToolData.of(bytes.clone())).isNotSameAs(read);
  }
}
