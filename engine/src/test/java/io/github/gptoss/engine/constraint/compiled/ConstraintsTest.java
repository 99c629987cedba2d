package io.github.gptoss.engine.constraint.compiled;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.engine.constraint.ConstraintSpec;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConstraintsTest {
  private final List<String> warnings = new ArrayList<>();
  private final Constraints constraints = new Constraints(1 << 20, warnings::add);

  private static ConstraintSpec spec(String schema) throws Exception {
    JsonNode json = new ObjectMapper().readTree(schema);
    return ConstraintSpec.ofSchema(json, true);
  }

  @Test
  void warnsOnceOfWhatIsIgnored() throws Exception {
    ConstraintSpec spec =
        spec(
            "{\"type\":\"integer\",\"nullable\":true,\"format\":\"int32\",\"title\":\"t\",\"x\\n\":1}");
    for (int i = 0; i < 3; i++) {
      constraints.get(spec);
    }
    for (int i = 0; i < 100; i++) {
      constraints.get(spec("{\"const\":" + i + "}"));
    }
    constraints.get(spec);
    assertThat(warnings)
        .singleElement()
        .asString()
        .contains("'format int32', 'nullable', 'x?'")
        .doesNotContain("title", "\n");
  }
}
