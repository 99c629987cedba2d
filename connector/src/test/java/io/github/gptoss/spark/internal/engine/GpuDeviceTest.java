package io.github.gptoss.spark.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.engine.error.InvalidConfigException;
import java.util.List;
import java.util.Map;
import org.apache.spark.resource.ResourceInformation;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GpuDeviceTest {
  @AfterEach
  void giveBack() {
    GpuDevice.assign(Map.of());
  }

  private static List<Integer> devices(int wanted) {
    EngineConfig config =
        EngineConfig.builder("x").backend("cuda").pipelineParallelSize(wanted).build();
    return GpuDevice.ofThisThread().apply(config).devices();
  }

  private static void give(String... addresses) {
    GpuDevice.assign(Map.of("gpu", new ResourceInformation("gpu", addresses)));
  }

  @Test
  void takesTheGpusThatSparkGaveAndNoOthers() {
    give("3", "1", "5");
    assertThat(devices(1)).containsExactly(3);
    assertThat(devices(2)).containsExactly(3, 1);
  }

  @Test
  void takesTheFirstOnesWhereSparkGivesNone() {
    assertThat(devices(2)).containsExactly(0, 1);
  }

  @Test
  void refusesToShareLayersAmongMoreGpusThanThereAre() {
    give("3", "1");
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> devices(4))
        .withMessageContaining("pipeline_parallel_size is 4")
        .withMessageContaining("GPUs 3, 1")
        .withMessageContaining("spark.executor.resource.gpu.amount to 4");
  }

  @Test
  void refusesAddressesThatAreNoNumbers() {
    give("GPU-12ab");
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> devices(1))
        .withMessageContaining("GPU-12ab");
  }
}
