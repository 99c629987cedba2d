package io.github.gptoss.engine.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.backend.cuda.emulator.EmulatedMachine;
import io.github.gptoss.engine.backend.cuda.emulator.GpuTests;
import io.github.gptoss.engine.model.ConfigReader;
import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.weights.ExpertFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import jcuda.driver.CUfunction_attribute;
import org.assertj.core.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a device is set to before its first step. */
class CudaDeviceTest {
  private static final Path CONFIG =
      Path.of("src/test/resources/goldens/model/tiny-mxfp4/config.json");

  @BeforeEach
  void requireKernels() {
    GpuTests.start(EmulatedMachine.fast().devices(64));
    if (!Boolean.getBoolean("require.cuda")) {
      Assumptions.assumeThat(KernelImage.read().placeholder()).isNull();
    }
  }

  /** The driver would load a kernel when it is first asked for, in the middle of a step. */
  @Test
  void stepsFindAllTheirKernelsLoaded() throws IOException {
    ModelConfig config =
        ConfigReader.read(CONFIG, Files.readAllBytes(CONFIG), CONFIG, Optional.empty()).model();
    BenchmarkSteps steps =
        new BenchmarkSteps(8, 40, 4, 320, config.slidingWindow(), config.vocabSize());
    try (CudaDevice device = new CudaDevice(0, KernelImage.read())) {
      Set<String> atStart = device.loadedKernels();
      assertThat(atStart).contains("experts_up_mxfp4_64", "sample_rows", "shuffle_bf16");
      CudaModel model =
          new CudaModel(
              config,
              WeightBytes.of(config, ExpertFormat.MXFP4),
              List.of(),
              List.of(device),
              0.9,
              (to, plan) -> new RandomWeights(config, ExpertFormat.MXFP4, to, plan, 3));
      BenchmarkRun run = new BenchmarkRun(model, device, config, steps);
      run.prefillSeconds();
      run.decodeSeconds(8, 4);
      assertThat(device.loadedKernels()).isEqualTo(atStart);
    }
  }

  @Test
  void everyKernelAsksForAllTheSharedMemory() {
    try (CudaDevice device = new CudaDevice(0, KernelImage.read())) {
      assertThat(device.loadedKernels())
          .isNotEmpty()
          .allSatisfy(
              name ->
                  assertThat(
                          device
                              .kernel(name)
                              .attribute(
                                  CUfunction_attribute
                                      .CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT))
                      .isEqualTo(100));
    }
  }
}
