package io.github.gptoss.spark.internal.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.spark.tools.ToolRequest;
import io.github.gptoss.spark.tools.ToolResult;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SingleCallsTest {
  private static final class Broken extends SingleCalls {
    @Override
    public Set<String> functions() {
      return Set.of("f");
    }

    @Override
    String answer(ToolRequest call) throws ToolException {
      switch (call.arguments()) {
        case "wrong" -> throw new ToolException("no such thing");
        case "fault" -> throw new IllegalStateException("field 'secret' is null");
        default -> {
          return call.arguments();
        }
      }
    }
  }

  @Test
  void aFaultOfTheToolIsTheAnswerToItsCallAloneAndNamesNoInternals() throws Exception {
    assertThat(
            new Broken()
                .execute(
                    List.of(Calls.of("f", "wrong"), Calls.of("f", "fault"), Calls.of("f", "1"))))
        .containsExactly(
            ToolResult.failed("no such thing"),
            ToolResult.failed("the tool failed"),
            ToolResult.of("1"));
  }
}
