package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The demo model's 480 conversations against what transformers generates for them. */
class DemoModelTest {
  @Test
  void completesEveryConversationAsTheReferenceDoes() throws Exception {
    List<JsonNode> cases = DemoPrompts.read();
    assertThat(cases).hasSize(480);
    try (GptOssEngine engine = GptOssEngine.open(EngineConfig.builder("demo").build())) {
      DemoPrompts.assertCompletes(engine, cases);
      assertThat(engine.stats().prefixCachedTokens()).isPositive();
    }
  }
}
