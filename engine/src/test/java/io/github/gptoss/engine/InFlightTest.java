package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.harmony.HarmonyText;
import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.tokenizer.SpecialTokens;
import io.github.gptoss.engine.tokenizer.Tokenizer;
import io.github.gptoss.engine.weights.Checkpoint;
import java.nio.IntBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What comes of tokens that a model may generate, without a model. */
class InFlightTest {
  private static final EngineInfo INFO =
      new EngineInfo("", "", "", 4096, Tokenizer.VOCABULARY_SIZE, true, Map.of(), 0);
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
    InFlight flight = new InFlight(0, request.build(), null, new int[] {1}, 0, model, INFO);
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
    assertThat(result.response()).isEqualTo("STOP");
    assertThat(result.commentary()).isEqualTo("STOP");
    assertThat(result.salvaged()).isFalse();
  }

  @Test
  void cutsAtAStopWhatItWouldOtherwiseAnswer() {
    String odd =
        "<|channel|>odd<|message|>one <|end|><|start|>assistant<|channel|>final<|message|>";
    assertThat(result(request(), odd + "two<|return|>").response()).isEqualTo("two");
    GenerationResult cut = result(request().stop(List.of(" three")), odd + "two three");
    assertThat(cut.response()).isEqualTo("two");
    assertThat(cut.finishReason()).isEqualTo(FinishReason.STOP);
    GenerationResult stray = result(request().stop(List.of("e")), "<|channel|>odd<|message|>one");
    assertThat(stray.response()).isEqualTo("on");
    String again = odd + "two<|end|><|start|>assistant<|channel|>final<|message|>three";
    assertThat(result(request().stop(List.of("three")), again).response()).isEqualTo("two\n");
  }

  @Test
  void textAfterTheAnswerDoesNotStopIt() {
    GenerationResult result =
        result(
            request().stop(List.of("STOP")),
            "<|channel|>final<|message|>one<|end|><|start|>assistant<|channel|>odd<|message|>STOP"
                + "<|return|>");
    assertThat(result.response()).isEqualTo("one");
  }

  @Test
  void noEndOfSequenceShowsInATextWhateverTheCheckpointSays() {
    int ordinary = Tokenizer.o200kHarmony().encode("!")[0];
    for (int end : new int[] {SpecialTokens.END_OF_TEXT, 200_018, ordinary}) {
      for (String channel : List.of("final", "analysis", "commentary")) {
        for (boolean ignored : new boolean[] {false, true}) {
          int[] text = HarmonyText.tokens("<|channel|>" + channel + "<|message|>Hi");
          GenerationRequest request =
              request().ignoreEos(ignored).maxTokens(text.length + 1).build();
          InFlight flight = new InFlight(0, request, null, new int[] {1}, 0, endingWith(end), INFO);
          for (int token : text) {
            assertThat(flight.accept(token, null)).isNull();
          }
          GenerationResult result = flight.result(flight.accept(end, null), null);
          assertThat(result.finishReason())
              .isEqualTo(ignored ? FinishReason.LENGTH : FinishReason.STOP);
          assertThat(result.response() + result.reasoning())
              .as("%d %s", end, channel)
              .isEqualTo("Hi");
          assertThat(result.tokens()).endsWith(end);
        }
      }
    }
  }

  @Test
  void aBudgetThatCutsACharacterLeavesItOut() {
    int[] text = HarmonyText.tokens("<|channel|>analysis<|message|>ab\ud835\udd18");
    GenerationRequest request = request().maxReasoningTokens(3).build();
    InFlight flight = new InFlight(0, request, null, new int[] {1}, 0, model, INFO);
    for (int i = 0; i < text.length && flight.outputTokens() == i; i++) {
      flight.accept(text[i], null);
    }
    assertThat(flight.outputTokens()).isGreaterThan(text.length);
    assertThat(flight.result(FinishReason.CANCELLED, null).reasoning()).isEqualTo("ab");
  }

  /** The same model, but for the token that ends its sequences. */
  private static ModelConfig endingWith(int token) {
    return new ModelConfig(
        model.vocabSize(),
        model.hiddenSize(),
        model.intermediateSize(),
        model.layers(),
        model.heads(),
        model.kvHeads(),
        model.headDim(),
        model.experts(),
        model.expertsPerToken(),
        model.slidingWindow(),
        model.attention(),
        model.ropeTheta(),
        model.rope(),
        model.rmsNormEps(),
        model.swigluLimit(),
        model.maxPositions(),
        List.of(token),
        model.padTokenId());
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
      InFlight flight = new InFlight(0, request, null, new int[] {1}, 0, model, INFO);
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
