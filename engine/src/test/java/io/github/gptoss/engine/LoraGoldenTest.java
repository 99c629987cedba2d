package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What PEFT computes for the golden adapter, in float32. */
class LoraGoldenTest {
  private static final double TOLERANCE = 2e-4;

  /** Prompts of the adapter and of the model alone are computed together. */
  @Test
  void logitsMatchPeftAmongRowsWithoutAnAdapter() throws IOException {
    GoldenModelTest.Golden adapted = GoldenModelTest.Golden.read("tiny-mxfp4/lora");
    GoldenModelTest.Golden plain = GoldenModelTest.Golden.read("tiny-mxfp4");
    List<ModelProbe.Prompt> prompts = new ArrayList<>();
    List<float[]> expected = new ArrayList<>();
    for (int i = 0; i < adapted.prompts().size(); i++) {
      prompts.add(new ModelProbe.Prompt(adapted.prompts().get(i), "tuned"));
      expected.add(adapted.tensor("prompt" + i + ".logits"));
      prompts.add(ModelProbe.Prompt.of(plain.prompts().get(i)));
      expected.add(plain.tensor("prompt" + i + ".logits"));
    }
    double[] worst = new double[prompts.size()];
    int[] rows = new int[prompts.size()];
    try (ModelProbe probe = ModelProbe.open(config(plain, adapted))) {
      int vocab = probe.info().vocabSize();
      probe.logits(
          prompts,
          0,
          (prompt, layer, position, row) -> {
            float[] golden = expected.get(prompt);
            int first = prompts.get(prompt).tokens().length - golden.length / vocab;
            if (position < first) {
              return;
            }
            rows[prompt]++;
            for (int v = 0; v < vocab; v++) {
              double error = Math.abs(row[v] - golden[(position - first) * vocab + v]);
              worst[prompt] = Math.max(worst[prompt], error / GoldenModelTest.largest(golden));
            }
          });
      for (int i = 0; i < prompts.size(); i++) {
        assertThat(rows[i]).isEqualTo(expected.get(i).length / vocab);
        assertThat(worst[i])
            .as("prompt %d of %s", i / 2, prompts.get(i).lora())
            .isLessThan(TOLERANCE);
      }
    }
    assertThat(adapted.tensor("prompt4.logits")).isNotEqualTo(plain.tensor("prompt4.logits"));
  }

  @Test
  void hiddenStatesMatchPeft() throws IOException {
    GoldenModelTest.Golden adapted = GoldenModelTest.Golden.read("tiny-mxfp4/lora");
    GoldenModelTest.Golden plain = GoldenModelTest.Golden.read("tiny-mxfp4");
    try (ModelProbe probe = ModelProbe.open(config(plain, adapted))) {
      int compared = 0;
      for (int i = 0; i < adapted.prompts().size(); i++) {
        float[] expected = adapted.tensorOrNull("prompt" + i + ".hidden");
        if (expected == null) {
          continue;
        }
        compared++;
        int[] tokens = adapted.prompts().get(i);
        int hidden = probe.hiddenSize();
        double[] worst = new double[1];
        probe.hidden(
            List.of(new ModelProbe.Prompt(tokens, "tuned")),
            (prompt, layer, position, row) -> {
              for (int h = 0; h < hidden; h++) {
                float golden = expected[(layer * tokens.length + position) * hidden + h];
                worst[0] = Math.max(worst[0], Math.abs(row[h] - golden));
              }
            });
        assertThat(worst[0] / GoldenModelTest.largest(expected))
            .as("prompt %d", i)
            .isLessThan(TOLERANCE);
      }
      assertThat(compared).isPositive();
    }
  }

  @Test
  void greedyTokensMatchPeftWhereItsMarginIsClear() throws Exception {
    GoldenModelTest.Golden adapted = GoldenModelTest.Golden.read("tiny-mxfp4/lora");
    GoldenModelTest.Golden plain = GoldenModelTest.Golden.read("tiny-mxfp4");
    List<GenerationRequest> requests = new ArrayList<>();
    for (int[] prompt : adapted.prompts()) {
      requests.add(
          GenerationRequest.raw(IntBuffer.wrap(prompt))
              .lora("tuned")
              .ignoreEos(true)
              .maxTokens(24)
              .build());
    }
    int compared = 0;
    try (GptOssEngine engine = GptOssEngine.open(config(plain, adapted))) {
      List<GenerationResult> results = engine.generate(requests);
      for (int i = 0; i < results.size(); i++) {
        JsonNode golden = adapted.cases().get(i);
        int[] expected = DemoPrompts.ints(golden.get("greedy"));
        for (int t = 0; t < expected.length; t++) {
          if (golden.get("greedy_margin").get(t).doubleValue() < 1e-3) {
            break; // what follows a near tie may differ
          }
          compared++;
          assertThat(results.get(i).tokens()[t])
              .as("prompt %d token %d", i, t)
              .isEqualTo(expected[t]);
        }
      }
    }
    assertThat(compared).isGreaterThan(50);
  }

  private static EngineConfig config(GoldenModelTest.Golden model, GoldenModelTest.Golden adapter) {
    return EngineConfig.builder(model.folder().toString())
        .loraAdapters(Map.of("tuned", adapter.folder().toString()))
        .build();
  }
}
