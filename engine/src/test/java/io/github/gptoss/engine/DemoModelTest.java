package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.gptoss.engine.harmony.ToolCall;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The demo model's 480 conversations against what transformers generates for them. */
class DemoModelTest {
  @Test
  void completesEveryConversationAsTheReferenceDoes() throws Exception {
    List<JsonNode> cases = DemoPrompts.read();
    assertThat(cases).hasSize(480);
    try (GptOssEngine engine = GptOssEngine.open(EngineConfig.builder("demo").build())) {
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
        assertThat(result.toolCalls().stream().map(ToolCall::arguments))
            .as(id)
            .isEqualTo(arguments);
        assertThat(result.finishReason())
            .as(id)
            .isEqualTo(arguments.isEmpty() ? FinishReason.STOP : FinishReason.TOOL_CALLS);
        assertThat(result.salvaged()).as(id).isFalse();
      }
      assertThat(engine.stats().prefixCachedTokens()).isPositive();
    }
  }
}
