package io.github.gptoss.engine.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.engine.GptOssEngine;
import io.github.gptoss.engine.backend.cuda.emulator.EmulatedMachine;
import io.github.gptoss.engine.backend.cuda.emulator.GpuTests;
import io.github.gptoss.engine.error.InvalidConfigException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

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
        .hasMessageContaining("keys and values 79.3 MiB of 64.0 MiB");
  }

  @Test
  void namesTheShapeThatItCannotRun() {
    assertThat(CudaErrors.unsupportedShape("head_dim", 40, "[16, 32]").getMessage())
        .contains("head_dim is 40", "[16, 32]", "backend 'cpu'");
  }
}
