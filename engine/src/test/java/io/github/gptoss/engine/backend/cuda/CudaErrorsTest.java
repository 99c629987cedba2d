package io.github.gptoss.engine.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.engine.GenerationRequest;
import io.github.gptoss.engine.GptOssEngine;
import io.github.gptoss.engine.backend.Buffer;
import io.github.gptoss.engine.backend.Capacity;
import io.github.gptoss.engine.backend.LoadedModel;
import io.github.gptoss.engine.backend.Operations;
import io.github.gptoss.engine.backend.Step;
import io.github.gptoss.engine.backend.cuda.emulator.EmulatedMachine;
import io.github.gptoss.engine.backend.cuda.emulator.GpuTests;
import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.weights.Checkpoint;
import java.nio.IntBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What users are told where a GPU cannot do what they ask. */
class CudaErrorsTest {
  private static final String MODEL = "src/test/resources/goldens/model/tiny-mxfp4";

  @BeforeAll
  static void requireEmulator() {
    GpuTests.requireEmulator();
  }

  private static EngineConfig.Builder config() {
    return EngineConfig.builder(MODEL).backend("cuda");
  }

  @Test
  void namesTheDevicesThereAre() {
    EmulatedMachine.fast().devices(64, 64).start();
    assertThatThrownBy(() -> GptOssEngine.open(config().device(2).build()))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("no device 2: this process sees 2 devices");
    assertThatThrownBy(() -> GptOssEngine.open(config().pipelineParallelSize(3).build()))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("no device 2");
  }

  @Test
  void refusesADeviceThatIsTooOld() {
    EmulatedMachine.fast().computeCapability(75).start();
    assertThatThrownBy(() -> GptOssEngine.open(config().build()))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("compute capability 7.5")
        .hasMessageContaining("8.0");
  }

  @ParameterizedTest
  @CsvSource({"80, 8.0", "100, 10.0"})
  void refusesWgmmaWhereTheDeviceHasNone(int capability, String named) {
    EmulatedMachine.fast().computeCapability(capability).start();
    assertThatThrownBy(() -> GptOssEngine.open(config().cudaWgmma(true).build()))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("has compute capability " + named)
        .hasMessageContaining("cuda_wgmma asks for: leave this option off");
    assertThatThrownBy(() -> config().backend("cpu").cudaWgmma(true).build())
        .isInstanceOf(InvalidConfigException.class)
        .hasMessage("cuda_wgmma is an option of backend cuda, and the backend is cpu");
  }

  @Test
  void tellsThatWgmmaIsUnproven() {
    EmulatedMachine.fast().devices(64).start();
    try (CudaBackend backend = new CudaBackend(List.of(0), 0.9, true)) {
      assertThat(backend.description())
          .endsWith("compute capability 9.0, wgmma on, which no GPU has proven yet");
    }
  }

  @Test
  void saysWhichDriverTheKernelsNeed() {
    assertThat(CudaErrors.driverTooOld(12040, 13000).getMessage())
        .contains("supports CUDA 12.4", "built with CUDA 13.0", "580 or later");
    int toolkit = KernelImage.read().toolkitVersion();
    if (toolkit > 0) {
      EmulatedMachine.fast().driverVersion(toolkit - 1000).start();
      assertThatThrownBy(() -> GptOssEngine.open(config().build()))
          .isInstanceOf(InvalidConfigException.class)
          .hasMessageContaining("install a driver");
    }
  }

  @Test
  void tellsThePlanWhereMemoryIsShort() {
    EmulatedMachine.fast().devices(64).start();
    assertThatThrownBy(
            () -> GptOssEngine.open(config().kvCacheBytes(100 << 20).maxModelLen(512).build()))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("does not fit")
        .hasMessageContaining("keys and values 100.0 MiB of 64.0 MiB");
  }

  @Test
  void tellsThePlanWhereSomebodyElseHasTheMemory() {
    EmulatedMachine.fast().devices(64).start();
    GpuTests.takeMemory(0, 40 << 20);
    assertThatThrownBy(() -> GptOssEngine.open(config().maxModelLen(512).build()))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("bytes free, and a step, with all keys and values, needs")
        .hasMessageContaining("end what else uses this GPU")
        .hasMessageContaining("planned was: memory: device 0: weights");
  }

  @Test
  void namesDeviceOperationAndKernelOfWhatKillsTheContext() {
    EmulatedMachine.checked().quiet().devices(64).start();
    try (Checkpoint checkpoint = Checkpoint.open(Path.of(MODEL));
        CudaBackend backend = new CudaBackend(List.of(0), 0.9, false);
        LoadedModel model = backend.load(checkpoint, List.of())) {
      Operations ops = model.allocate(new Capacity(4, 16, 1, 1));
      Buffer x = ops.stream(4);
      Buffer q = ops.buffer(4, checkpoint.config().queryWidth());
      int[] one = {0};
      int[] far = {1 << 20}; // no such block of keys and values
      ops.begin(
          new Step(1, one, one, 1, new int[] {0, 1}, 16, new int[] {0, 1}, far, 1, far, 0, one));
      ops.embed(x);
      assertThatThrownBy(() -> ops.qkv(1, x, q))
          .isInstanceOf(GptOssException.class)
          .hasMessageContaining("CUDA device 0 (")
          .hasMessageContaining("of layer 1 (last kernel launched: linear_qkv")
          .hasMessageContaining("CUDA_ERROR_ILLEGAL_ADDRESS")
          .hasMessageContaining("start another process");
    }
  }

  /**
   * The engine is dead from then on: its requests end with the driver's error, and new ones too.
   */
  @ParameterizedTest
  @CsvSource({"214, CUDA_ERROR_ECC_UNCORRECTABLE", "700, CUDA_ERROR_ILLEGAL_ADDRESS"})
  void anEngineDiesOfAFaultOfTheHardware(int code, String name) throws Exception {
    EmulatedMachine.fast().quiet().devices(64).fault(600, code).start();
    GenerationRequest request =
        GenerationRequest.raw(IntBuffer.wrap(new int[] {5, 6, 7}))
            .ignoreEos(true)
            .maxTokens(200)
            .build();
    try (GptOssEngine engine = GptOssEngine.open(config().maxModelLen(512).build())) {
      assertThatThrownBy(() -> engine.generate(List.of(request)))
          .hasStackTraceContaining("CUDA device 0 (")
          .hasStackTraceContaining(name)
          .hasStackTraceContaining("start another process");
      assertThat(engine.isAlive()).isFalse();
      assertThat(engine.stats().generatedTokens()).isBetween(1L, 199L);
      assertThatThrownBy(() -> engine.generate(List.of(request))).hasStackTraceContaining(name);
    }
  }

  @Test
  void namesTheShapeThatItCannotRun() {
    assertThat(CudaErrors.unsupportedShape("head_dim", 40, "[16, 32]").getMessage())
        .contains("head_dim is 40", "[16, 32]", "backend 'cpu'");
  }
}
