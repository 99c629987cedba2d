package io.github.gptoss.engine.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptoss.engine.GpuPlan;
import io.github.gptoss.engine.backend.Capacity;
import io.github.gptoss.engine.backend.KvBudget;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.model.AttentionKind;
import io.github.gptoss.engine.model.ConfigReader;
import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.scheduler.KvCacheConfig;
import io.github.gptoss.engine.scheduler.KvDivision;
import io.github.gptoss.engine.scheduler.SchedulerConfig;
import io.github.gptoss.engine.weights.ExpertFormat;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MemoryPlanTest {
  private static final double UTILIZATION = 0.9;
  private static final int BLOCK = 32;

  private static ModelConfig config(int layers, int experts) {
    String json =
        "{\"model_type\": \"gpt_oss\", \"num_hidden_layers\": %d, \"num_local_experts\": %d}"
            .formatted(layers, experts);
    Path file = Path.of("config.json");
    return ConfigReader.read(file, json.getBytes(StandardCharsets.UTF_8), file, Optional.empty())
        .model();
  }

  private static MemoryPlan plan(ModelConfig config, long memoryBytes, int gpus) {
    long[] memory = new long[gpus];
    Arrays.fill(memory, memoryBytes);
    LayerSplit split = LayerSplit.of(WeightBytes.of(config, ExpertFormat.MXFP4), memory);
    return new MemoryPlan(config, split, memory, UTILIZATION);
  }

  /** As an engine divides memory for these limits. */
  private record Division(ModelConfig config, int sequences, int maxTokens) implements KvBudget {
    private KvDivision division() {
      return new KvDivision(
          MemoryPlan.bytesPerToken(config, AttentionKind.FULL) * BLOCK,
          MemoryPlan.bytesPerToken(config, AttentionKind.WINDOW) * BLOCK,
          BLOCK,
          config.slidingWindow(),
          new SchedulerConfig(sequences, maxTokens, maxTokens, 1 << 14, true));
    }

    @Override
    public long leastBytes() {
      return division().leastBytes();
    }

    @Override
    public Capacity divide(long kvBytes) {
      KvCacheConfig kv = division().divide(kvBytes, config.maxPositions());
      return new Capacity(maxTokens, BLOCK, kv.fullBlocks(), kv.windowBlocks());
    }
  }

  /** Every GPU of the table, alone and in layouts, with the engine's limits and those of conf/. */
  @Test
  void whatIsChosenFitsEveryDevice() {
    int fitting = 0;
    for (ModelConfig config : List.of(config(24, 32), config(36, 128), config(5, 32))) {
      for (GpuPlan.Layout layout : GpuPlan.of("20b", null, 4096, UTILIZATION).layouts()) {
        MemoryPlan plan = plan(config, layout.memoryBytes(), layout.gpus());
        for (int[] limits : new int[][] {{256, 512}, {1024, 4096}}) {
          Division division = new Division(config, limits[0], limits[1]);
          if (!plan.fits(division.divide(division.leastBytes()))) {
            assertThatThrownBy(() -> plan.kvBytes(division))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("does not fit");
            continue;
          }
          fitting++;
          long chosen = plan.kvBytes(division);
          Capacity capacity = division.divide(chosen);
          assertThat(plan.fits(capacity)).as("%s, %s", layout, limits[0]).isTrue();
          assertThatCode(() -> plan.requireFits(capacity)).doesNotThrowAnyException();
          Capacity more = division.divide(chosen + chosen / 50 + (64 << 20));
          assertThat(more.equals(capacity) || !plan.fits(more) || config.layers() % 2 == 1)
              .as("%s, %s sequences: memory is left", layout, limits[0])
              .isTrue();
        }
      }
    }
    assertThat(fitting).isGreaterThan(200);
  }

  /** Of two layers' adapters each device has one, since all else of the halves is about equal. */
  @Test
  void adaptersAreCountedWhereTheirLayersAre() {
    ModelConfig config = config(4, 32);
    long each = 1L << 30;
    WeightBytes model = WeightBytes.of(config, ExpertFormat.MXFP4);
    AdapterBytes adapters = new AdapterBytes(new long[] {0, each, each, 0}, 16);
    long[] memory = {24L << 30, 24L << 30};
    LayerSplit split = LayerSplit.of(model.with(adapters), memory);
    MemoryPlan plan = new MemoryPlan(config, split, memory, UTILIZATION);
    MemoryPlan without = new MemoryPlan(config, LayerSplit.of(model, memory), memory, UTILIZATION);
    assertThat(List.of(split.adapterBytes(0), split.adapterBytes(1))).containsExactly(each, each);
    assertThat(split.bytes(0) + split.bytes(1)).isEqualTo(model.total() + 2 * each);
    assertThat(plan.describeWeights()).contains("layers 0 to 1, ", " MiB, adapters 1024.0 MiB of ");
    assertThat(without.describeWeights()).doesNotContain("adapters");
    assertThat(plan.stage(512, 4096).total(true) - without.stage(512, 4096).total(true))
        .as("float32 of each token's experts' gate and up rows, and little more")
        .isBetween(4L * 512 * 4 * 5760, 5L * 512 * 4 * 5760);
  }

  @Test
  void saysHowManyDevicesWouldHoldTheModel() {
    ModelConfig config = config(36, 128);
    assertThatThrownBy(() -> plan(config, 24L << 30, 1).requireHoldsWeights())
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("device 0 of this engine has 25769803776 bytes, and")
        .hasMessageContaining("the weights of its layers take 65")
        .hasMessageContaining("pipeline_parallel_size=3");
    assertThatThrownBy(() -> plan(config, 4L << 30, 8).requireHoldsWeights())
        .hasMessageContaining("a smaller model");
    assertThatCode(() -> plan(config, 80L << 30, 1).requireHoldsWeights())
        .doesNotThrowAnyException();
  }
}
