package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.engine.constraint.ChoiceProbabilities;
import io.github.gptoss.engine.constraint.ConstraintSpec;
import io.github.gptoss.engine.constraint.TurnSpec;
import io.github.gptoss.engine.harmony.Conversation;
import io.github.gptoss.engine.harmony.ConversationBuilder;
import io.github.gptoss.engine.harmony.HarmonyEncoding;
import io.github.gptoss.engine.sampling.SamplingParams;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Tokens that nothing but they can follow are taken without logits. A request that asks for
 * log-probabilities has every token sampled, so it says what the others have to be.
 */
class OnlyTokensTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String WEATHER =
      "[{\"type\": \"function\", \"function\": {\"name\": \"weather\", \"strict\": true,"
          + " \"parameters\": {\"type\": \"object\", \"properties\": {\"city\": {\"enum\":"
          + " [\"Rome\", \"Oslo\"]}}, \"required\": [\"city\"]}}}]";
  private static final String[] FORMS = {
    "{\"choice\": [\"billing\", \"refund\", \"bill\"]}",
    "{\"regex\": \"[A-Z]{2}-[0-9]{1,3}\"}",
    "{\"json\": {\"type\": \"object\", \"properties\": {\"urgency\": {\"enum\": [\"low\", \"high\"]},"
        + " \"count\": {\"type\": \"integer\", \"maximum\": 20}}, \"required\": [\"urgency\"]}}",
    "{\"json\": {\"type\": \"integer\", \"minimum\": 0, \"maximum\": 300}}"
  };

  private static GptOssEngine engine;

  @BeforeAll
  static void open() {
    engine = GptOssEngine.open(EngineConfig.builder("demo").build());
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  /** A request, and what its listener has been told. */
  private record Asked(GenerationRequest request, List<String> told) {}

  private static TurnSpec turn(String form) throws Exception {
    return new TurnSpec(
        ConstraintSpec.of(null, JSON.readTree(form)).orElseThrow(),
        List.of(),
        ChoiceProbabilities.of(List.of(), 1e-3));
  }

  private static Asked asked(
      Conversation conversation, TurnSpec turn, int seed, int maxTokens, boolean samplesAll) {
    int[] prompt = HarmonyEncoding.gptOss().renderForCompletion(conversation);
    SamplingParams.Builder sampling =
        SamplingParams.builder().seed(seed).temperature(seed % 3 * 0.7);
    if (seed % 2 == 0) {
      sampling.repetitionPenalty(1.2).frequencyPenalty(0.5);
    }
    List<String> told = new ArrayList<>();
    GenerationRequest.Builder request =
        GenerationRequest.harmony(IntBuffer.wrap(prompt))
            .maxTokens(maxTokens)
            .turn(turn)
            .listener((token, kind, text) -> told.add(token + " " + kind + " " + text))
            .sampling(sampling.logprobs(samplesAll ? 0 : -1).build());
    if (seed % 5 > 0 && maxTokens >= 20) {
      request.maxReasoningTokens(seed % 5 * 4);
    }
    return new Asked(request.build(), told);
  }

  private static List<Asked> asked(boolean samplesAll) throws Exception {
    List<Asked> all = new ArrayList<>();
    for (int seed = 0; seed < 40; seed++) {
      Conversation conversation =
          ConversationBuilder.ofPrompt("I was charged twice.")
              .reasoningEffort(seed % 4 == 0 ? "high" : "low")
              .build();
      TurnSpec turn = turn(FORMS[seed % FORMS.length]);
      all.add(asked(conversation, turn, seed, 100, samplesAll));
      Conversation weather =
          ConversationBuilder.ofPrompt("What is the weather in Rome?").tools(WEATHER).build();
      all.add(asked(weather, TurnSpec.of(weather, null), seed, 60, samplesAll));
      all.add(asked(conversation, turn, seed, 1 + seed / 2, samplesAll));
    }
    return all;
  }

  private static List<GenerationResult> results(List<Asked> asked) throws InterruptedException {
    return engine.generate(asked.stream().map(Asked::request).toList());
  }

  @Test
  void aRowIsTheSameAsOneThatSamplesAll() throws Exception {
    List<Asked> asked = asked(false);
    List<Asked> sampled = asked(true);
    List<GenerationResult> results = results(asked);
    List<GenerationResult> expected = results(sampled);
    for (int i = 0; i < results.size(); i++) {
      GenerationResult result = results.get(i);
      assertThat(result.tokens()).as("row %d", i).isEqualTo(expected.get(i).tokens());
      assertThat(result.finishReason()).isEqualTo(expected.get(i).finishReason());
      assertThat(result.response()).isEqualTo(expected.get(i).response());
      assertThat(result.formed()).isEqualTo(expected.get(i).formed());
      assertThat(result.toolCalls()).isEqualTo(expected.get(i).toolCalls());
      assertThat(result.usage().outputTokens()).isEqualTo(result.tokens().length);
      assertThat(result.usage().reasoningTokens())
          .isEqualTo(expected.get(i).usage().reasoningTokens());
      assertThat(asked.get(i).told).isEqualTo(sampled.get(i).told).hasSize(result.tokens().length);
    }
    assertThat(results).filteredOn(r -> r.finishReason() == FinishReason.TOOL_CALLS).isNotEmpty();
    assertThat(results).filteredOn(r -> r.finishReason() == FinishReason.LENGTH).isNotEmpty();
    assertThat(results)
        .filteredOn(r -> r.formed() != null && r.formed().confidence() != null)
        .isNotEmpty();
  }

  @Test
  void theyTakeNoStep() throws Exception {
    Conversation conversation =
        ConversationBuilder.ofPrompt("I was charged twice.").reasoningEffort("low").build();
    TurnSpec turn =
        new TurnSpec(
            ConstraintSpec.of(null, JSON.readTree("{\"choice\": [\"a\", \"b\"]}")).orElseThrow(),
            List.of());
    long before = engine.stats().steps();
    GenerationResult result = results(List.of(asked(conversation, turn, 3, 60, false))).get(0);
    long steps = engine.stats().steps() - before;
    assertThat(result.response()).isIn("a", "b");
    // At least the answer's channel, the token behind it, and its end.
    assertThat(steps).isLessThanOrEqualTo(result.tokens().length - 3).isPositive();
  }
}
