package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.gptoss.engine.backend.cuda.emulator.EmulatedMachine;
import io.github.gptoss.engine.backend.cuda.emulator.GpuTests;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The demo model on the CUDA backend. */
class CudaDemoModelTest {
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

  @Test
  void threeDevicesThatAreTooSmallAloneGiveTheSameTokens() throws Exception {
    GpuTests.requireEmulator();
    // Embedding and unembedding are half of the model each, so one device of this size is too
    // small.
    EmulatedMachine.fast().devices(150, 40, 250).deferred().start();
    EngineConfig.Builder config = config().pipelineParallelSize(3).kvCacheBytes(12 << 20);
    List<JsonNode> cases = DemoPrompts.read().subList(0, 40);
    try (GptOssEngine engine = GptOssEngine.open(config.build())) {
      DemoPrompts.assertCompletes(engine, cases);
    }
  }
}
