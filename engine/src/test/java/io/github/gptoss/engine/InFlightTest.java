package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.harmony.HarmonyText;
import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.tokenizer.Tokenizer;
import io.github.gptoss.engine.weights.Checkpoint;
import java.nio.IntBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What comes of tokens that a model may generate, without a model. */
class InFlightTest {
  private static final EngineInfo INFO =
      new EngineInfo("", "", "", 4096, Tokenizer.VOCABULARY_SIZE, true, 0);
  private static ModelConfig model;

  @BeforeAll
  static void readConfig() {
    try (Checkpoint checkpoint =
        Checkpoint.open(Path.of("src/test/resources/goldens/model/tiny-bf16-experts"))) {
      model = checkpoint.config();
    }
  }

  private static GenerationRequest.Builder request() {
    return GenerationRequest.harmony(IntBuffer.wrap(new int[] {1}));
  }

  /** The result once the tokens have ended the request. */
  private static GenerationResult result(GenerationRequest.Builder request, String text) {
    InFlight flight = new InFlight(0, request.build(), new int[] {1}, model, INFO);
    FinishReason reason = null;
    for (int token : HarmonyText.tokens(text)) {
      assertThat(reason).as("ends before the text does").isNull();
      reason = flight.accept(token, null);
    }
    assertThat(reason).isNotNull();
    return flight.result(reason, null);
  }

  @Test
  void looksForStopStringsInTheAnswerAlone() {
    GenerationResult result =
        result(
            request().stop(List.of("STOP")),
            "<|channel|>analysis<|message|>STOP<|end|>"
                + "<|start|>assistant<|channel|>commentary<|message|>STOP<|end|>"
                + "<|start|>assistant to=functions.f<|message|>{\"a\": \"STOP\"}<|call|>");
    assertThat(result.finishReason()).isEqualTo(FinishReason.TOOL_CALLS);
    assertThat(result.toolCalls()).hasSize(1);
    assertThat(result.toolCalls().get(0).arguments()).isEqualTo("{\"a\": \"STOP\"}");
    assertThat(result.response()).isEmpty();
    assertThat(result.salvaged()).isFalse();
  }

  @Test
  void cutsAtAStopWhatItWouldOtherwiseAnswer() {
    String odd =
        "<|channel|>odd<|message|>one <|end|><|start|>assistant<|channel|>final<|message|>";
    assertThat(result(request(), odd + "two<|return|>").response()).isEqualTo("one two");
    GenerationResult cut = result(request().stop(List.of(" three")), odd + "two three");
    assertThat(cut.response()).isEqualTo("one two");
    assertThat(cut.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(result(request().stop(List.of("ne t")), odd + "t").response()).isEqualTo("o");
  }

  @Test
  void whatMaxTokensCutsIsNotSalvaged() {
    for (int maxTokens = 1; maxTokens <= 4; maxTokens++) {
      GenerationResult result =
          result(
              request().maxTokens(maxTokens),
              List.of("<|channel|>", "analysis", "<|message|>", "think").stream()
                  .limit(maxTokens)
                  .collect(Collectors.joining()));
      assertThat(result.finishReason()).isEqualTo(FinishReason.LENGTH);
      assertThat(result.salvaged()).as("max_tokens %d", maxTokens).isFalse();
    }
  }

  @Test
  void aCallThatNamesNoToolIsAMendedStop() {
    GenerationResult result = result(request(), "<|channel|>final<|message|>Paris<|call|>");
    assertThat(result.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(result.salvaged()).isTrue();
    assertThat(result.response()).isEqualTo("Paris");
    assertThat(result.toolCalls()).isEmpty();
  }

  @Test
  void anAnswerAfterUnfinishedReasoningIsNotCountedAsReasoning() {
    String answer = "one two three four five six seven eight nine ten eleven twelve";
    GenerationResult result =
        result(
            request().maxReasoningTokens(4),
            "<|channel|>analysis<|message|>think<|start|>assistant<|channel|>final<|message|>"
                + answer
                + "<|return|>");
    assertThat(result.response()).isEqualTo(answer);
    assertThat(result.reasoning()).isEqualTo("think");
    assertThat(result.usage().reasoningTokens()).isEqualTo(1);
    assertThat(result.salvaged()).isTrue();
  }

  @Test
  void anotherThoughtNearTheEndOfTheBudgetBecomesTheAnswer() {
    for (int maxTokens = 18; maxTokens <= 40; maxTokens++) {
      GenerationRequest request = request().maxReasoningTokens(30).maxTokens(maxTokens).build();
      InFlight flight = new InFlight(0, request, new int[] {1}, model, INFO);
      FinishReason reason = null;
      int[] thoughts =
          HarmonyText.tokens(
              "<|channel|>analysis<|message|>"
                  + "one<|end|><|start|>assistant<|channel|>analysis<|message|>".repeat(10));
      for (int i = 0; i < thoughts.length && reason == null; i++) {
        int before = flight.outputTokens();
        reason = flight.accept(thoughts[i], null);
        if (flight.outputTokens() > before + 1) {
          thoughts = HarmonyText.tokens("<|end|>".repeat(i + 1) + " answer".repeat(40));
        }
      }
      assertThat(reason).as("max_tokens %d", maxTokens).isEqualTo(FinishReason.LENGTH);
      GenerationResult result = flight.result(reason, null);
      assertThat(result.response()).as("max_tokens %d", maxTokens).startsWith(" answer");
      assertThat(result.tokens()).hasSize(maxTokens);
      assertThat(result.salvaged()).isFalse();
    }
  }
}
