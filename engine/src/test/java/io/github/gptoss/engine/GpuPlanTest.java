package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.gptoss.engine.GpuPlan.Layout;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidModelException;
import java.util.List;
import org.junit.jupiter.api.Test;

class GpuPlanTest {
  private static long sequences(GpuPlan plan, String gpu, int gpus) {
    return plan.layouts().stream()
        .filter(layout -> layout.gpu().equals(gpu) && layout.gpus() == gpus)
        .findFirst()
        .orElseThrow()
        .sequences();
  }

  /**
   * Of gpt-oss-120b: 13.24 MB an expert and layer, 53.8 MB of attention, router and norms a layer.
   */
  @Test
  void weightsAreThoseOfTheCheckpoint() {
    GpuPlan plan = GpuPlan.of("gpt-oss-120b", "h200", 4096, 0.9);
    assertThat(plan.weightBytes().get("experts") / (36.0 * 128)).isCloseTo(13.24e6, within(0.08e6));
    assertThat(
            (plan.weightBytes().get("attention") + plan.weightBytes().get("router_and_norms"))
                / 36.0)
        .isCloseTo(53.8e6, within(1.5e6));
    assertThat(plan.weightBytes().get("unembedding")).isBetween(1_158_000_000L, 1_160_000_000L);
    assertThat(plan.totalWeightBytes()).isBetween(65_000_000_000L, 66_000_000_000L);
  }

  /** Full layers keep all tokens, 2,048 bytes each, window layers 128 and a block of 32. */
  @Test
  void sequencesTakeTheirContextAndARing() {
    assertThat(GpuPlan.of("120b", "h200", 4096, 0.9).sequenceBytes())
        .isEqualTo(18L * 2048 * 4096 + 18L * 2048 * 160);
    assertThat(GpuPlan.of("openai/gpt-oss-20b", "h200", 64, 0.9).sequenceBytes())
        .isEqualTo(24L * 2048 * 64);
  }

  @Test
  void countsSequencesAndSplitsLayers() {
    GpuPlan plan = GpuPlan.of("120b", null, 4096, 0.9);
    assertThat(sequences(plan, "h200", 1)).isBetween(380L, 490L);
    assertThat(sequences(plan, "h100", 1)).isBetween(50L, 80L);
    assertThat(sequences(plan, "h100", 2)).isGreaterThan(200);
    assertThat(sequences(plan, "l4", 1)).isZero();
    assertThat(sequences(plan, "l4", 2)).isZero();
    assertThat(sequences(plan, "rtx-4090", 4)).isPositive();
    assertThat(sequences(plan, "rtx-3090", 2)).isZero();
    assertThat(sequences(plan, "rtx-3090", 3)).isPositive();
    assertThat(plan.layouts()).hasSize(8 * GpuPlan.gpuNames().size());
    GpuPlan small = GpuPlan.of("20b", "L4", 4096, 0.9);
    assertThat(sequences(small, "l4", 1)).isPositive();
    List<Layout> fitting = small.layouts().stream().filter(Layout::fits).toList();
    assertThat(fitting).hasSize(8);
  }

  @Test
  void saysAtWhichUtilizationAModelWouldFit() {
    Layout three = layout(GpuPlan.of("120b", "l4", 4096, 0.9), 3);
    assertThat(three.fits()).isFalse();
    assertThat(three.almostFits()).isTrue();
    double needed = three.leastUtilization();
    assertThat(needed).isBetween(0.9, 1.0);
    assertThat(layout(GpuPlan.of("120b", "l4", 4096, needed), 3).fits()).isTrue();
    assertThat(layout(GpuPlan.of("120b", "l4", 4096, needed - 0.01), 3).fits()).isFalse();
    assertThat(layout(GpuPlan.of("120b", "l4", 4096, 1), 2).almostFits()).isFalse();
    assertThatThrownBy(() -> GpuPlan.of("120b", null, 4096, 1.1))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("gpu_memory_utilization is 1.1");
  }

  private static Layout layout(GpuPlan plan, int gpus) {
    return plan.layouts().get(gpus - 1);
  }

  @Test
  void knowsCheckpointsAndConfigurationsToo() {
    String folder = "src/test/resources/goldens/model/tiny-bf16-experts";
    GpuPlan ofFolder = GpuPlan.of(folder, "h100", 512, 0.9);
    assertThat(GpuPlan.of(folder + "/config.json", "h100", 512, 0.9).weightBytes())
        .isEqualTo(ofFolder.weightBytes());
    // Two layers of 4 experts, [2 * 96, 64] and [64, 96 padded to 128], with biases.
    assertThat(ofFolder.weightBytes().get("experts"))
        .isEqualTo(2 * 4 * (2L * 192 * 64 + 2L * 64 * 128 + 4L * (192 + 64)));
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    assertThatThrownBy(() -> GpuPlan.of("120b", "h20", 4096, 0.9))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("h200");
    assertThatThrownBy(() -> GpuPlan.of("120b", "h200", 131_073, 0.9))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("131072");
    assertThatThrownBy(() -> GpuPlan.of("70b", "h200", 4096, 0.9))
        .isInstanceOf(InvalidModelException.class);
  }
}
