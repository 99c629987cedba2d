package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.engine.backend.cuda.emulator.EmulatedMachine;
import io.github.gptoss.engine.backend.cuda.emulator.EmulatedMachine.Order;
import io.github.gptoss.engine.backend.cuda.emulator.GpuTests;
import io.github.gptoss.engine.constraint.ConstraintSpec;
import io.github.gptoss.engine.constraint.TurnSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The demo model on the CUDA backend. */
class CudaDemoModelTest {
  private static final int CHECKED = 4;

  /**
   * Embedding and unembedding are half of the model each, so one device of these sizes is too
   * small; MiB.
   */
  private static final int[] SMALL = {150, 40, 250};

  private static EngineConfig.Builder config() {
    return EngineConfig.builder("demo").backend("cuda").kvCacheBytes(64 << 20).maxModelLen(2048);
  }

  @Test
  void completesEveryConversationAsTheReferenceDoes() throws Exception {
    GpuTests.start(EmulatedMachine.fast().devices(400));
    List<JsonNode> cases = DemoPrompts.read();
    assertThat(cases).hasSize(480);
    try (GptOssEngine engine = GptOssEngine.open(config().build())) {
      DemoPrompts.assertCompletes(engine, cases);
      assertThat(engine.stats().prefixCachedTokens()).isPositive();
    }
  }

  /** Rows with a form beside rows without one, in one batch. */
  @Test
  void choosesAmongTheAllowedTokensAsTheCpuDoes() throws Exception {
    GpuTests.requireEmulator();
    EmulatedMachine.fast().devices(400).start();
    ObjectMapper json = new ObjectMapper();
    List<ConstraintSpec> forms = new ArrayList<>();
    forms.add(null);
    for (String form :
        List.of(
            "{\"choice\": [\"yes\", \"no\", \"7\"]}",
            "{\"json\": {\"type\": \"object\", \"properties\": {\"n\": {\"type\": \"integer\",\"minimum\":0,\"maximum\":99}},"
                + " \"required\": [\"n\"]}, \"disable_any_whitespace\": true}")) {
      forms.add(ConstraintSpec.of(null, json.readTree(form)).orElseThrow());
    }
    List<GenerationRequest> requests = new ArrayList<>();
    List<JsonNode> cases = DemoPrompts.read();
    for (int i = 0; i < 9; i++) {
      requests.add(
          DemoPrompts.request(cases.get(i * 50))
              .turn(new TurnSpec(forms.get(i % forms.size()), List.of()))
              .maxReasoningTokens(8)
              .maxTokens(48)
              .build());
    }
    try (GptOssEngine cuda = GptOssEngine.open(config().build());
        GptOssEngine cpu = GptOssEngine.open(EngineConfig.builder("demo").build())) {
      List<GenerationResult> expected = cpu.generate(requests);
      List<GenerationResult> results = cuda.generate(requests);
      for (int i = 0; i < results.size(); i++) {
        assertThat(results.get(i).tokens()).isEqualTo(expected.get(i).tokens());
      }
      assertThat(results.get(1).response()).isIn("yes", "no", "7");
      assertThat(results.get(1).formed().confidence())
          .isCloseTo(expected.get(1).formed().confidence(), within(1e-3));
      assertThat(results.get(2).parsed()).startsWith("{\"n\":");
      // A row with a form is in every step, though its tokens decide what may follow.
      long before = cuda.stats().steps();
      int[] alone = cuda.generate(requests.subList(2, 3)).get(0).tokens();
      assertThat(alone).isEqualTo(expected.get(2).tokens());
      assertThat(cuda.stats().steps() - before)
          .as("steps for %d tokens", alone.length)
          .isLessThan(alone.length);
    }
  }

  @Test
  void threeDevicesThatAreTooSmallAloneGiveTheSameTokens() throws Exception {
    GpuTests.requireEmulator();
    EmulatedMachine.fast().devices(SMALL).order(Order.RANDOM, 7).deferred().start();
    EngineConfig.Builder config = config().pipelineParallelSize(3).kvCacheBytes(12 << 20);
    List<JsonNode> cases = DemoPrompts.read().subList(0, 40);
    try (GptOssEngine engine = GptOssEngine.open(config.build())) {
      DemoPrompts.assertCompletes(engine, cases);
    }
  }

  @Test
  void threeDevicesGiveTheSameBits() throws Exception {
    GpuTests.requireEmulator();
    List<int[]> prompts =
        DemoPrompts.read().subList(0, 6).stream()
            .map(c -> DemoPrompts.ints(c.get("prompt_tokens")))
            .toList();
    EmulatedMachine.fast().devices(400).start();
    List<float[]> one = logits(1, prompts);
    EmulatedMachine.fast().devices(SMALL).order(Order.RANDOM, 8).deferred().start();
    List<float[]> three = logits(3, prompts);
    assertThat(Arrays.deepEquals(three.toArray(), one.toArray())).isTrue();
  }

  /** Of the last three tokens of each prompt. */
  private static List<float[]> logits(int devices, List<int[]> prompts) {
    List<float[]> rows = new ArrayList<>();
    EngineConfig.Builder config = config().pipelineParallelSize(devices).kvCacheBytes(12 << 20);
    try (ModelProbe probe = ModelProbe.open(config.build())) {
      probe.logits(
          prompts.stream().map(ModelProbe.Prompt::of).toList(),
          3,
          (prompt, layer, position, row) -> rows.add(row.clone()));
    }
    return rows;
  }

  /** Batching, sharing and running ahead, with every check on, in an order of its own each. */
  @ParameterizedTest
  @EnumSource(Order.class)
  void checkedKernelsFindNothingInAnyOrder(Order order) throws Exception {
    GpuTests.requireEmulator();
    EmulatedMachine.checked().devices(400).order(order, 9).deferred().start();
    List<JsonNode> cases = DemoPrompts.read();
    try (GptOssEngine engine = GptOssEngine.open(config().build())) {
      DemoPrompts.assertCompletes(engine, cases.subList(0, CHECKED));
    }
  }
}
