package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.engine.harmony.ToolCall;
import java.io.IOException;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The demo model's conversations, shipped with the examples. */
final class DemoPrompts {
  private DemoPrompts() {}

  static List<JsonNode> read() throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    List<JsonNode> cases = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("../examples/data/demo-prompts.jsonl"))) {
      cases.add(mapper.readTree(line));
    }
    return cases;
  }

  static GenerationRequest.Builder request(JsonNode c) {
    return GenerationRequest.harmony(IntBuffer.wrap(ints(c.get("prompt_tokens"))));
  }

  /**
   * Generates for all conversations at once; tokens and what is made of them must be the
   * reference's.
   */
  static void assertCompletes(GptOssEngine engine, List<JsonNode> cases)
      throws InterruptedException {
    List<GenerationRequest> requests = new ArrayList<>();
    for (JsonNode c : cases) {
      requests.add(DemoPrompts.request(c).build());
    }
    List<GenerationResult> results = engine.generate(requests);
    for (int i = 0; i < cases.size(); i++) {
      JsonNode c = cases.get(i);
      GenerationResult result = results.get(i);
      String id = c.get("id").textValue();
      assertThat(result.tokens()).as(id).isEqualTo(DemoPrompts.ints(c.get("completion_tokens")));
      assertThat(result.response()).as(id).isEqualTo(c.get("expected_response").textValue());
      assertThat(result.reasoning()).as(id).isEqualTo(c.get("expected_reasoning").textValue());
      List<String> arguments = new ArrayList<>();
      c.get("expected_tool_arguments").forEach(a -> arguments.add(a.textValue()));
      assertThat(result.toolCalls().stream().map(ToolCall::arguments)).as(id).isEqualTo(arguments);
      assertThat(result.finishReason())
          .as(id)
          .isEqualTo(arguments.isEmpty() ? FinishReason.STOP : FinishReason.TOOL_CALLS);
      assertThat(result.salvaged()).as(id).isFalse();
    }
  }

  static int[] ints(JsonNode array) {
    int[] out = new int[array.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = array.get(i).intValue();
    }
    return out;
  }
}
