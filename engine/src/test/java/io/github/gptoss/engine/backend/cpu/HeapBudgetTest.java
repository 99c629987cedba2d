package io.github.gptoss.engine.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.weights.Checkpoint;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class HeapBudgetTest {
  private static final long GIB = 1L << 30;
  private static ModelConfig config;

  @BeforeAll
  static void readConfig() {
    try (Checkpoint checkpoint =
        Checkpoint.open(Path.of("src/test/resources/goldens/model/tiny-mxfp4"))) {
      config = checkpoint.config();
    }
  }

  private static long defaultKvBytes(long heapBytes) {
    return new HeapBudget(heapBytes, 0).defaultKvBytes();
  }

  @Test
  void defaultDependsOnTheHeapsSizeCoarsely() {
    assertThat(defaultKvBytes(4 * GIB)).isEqualTo(2 * GIB);
    assertThat(defaultKvBytes(4 * GIB + 100_000_000)).isEqualTo(2 * GIB);
    assertThat(defaultKvBytes(7 * GIB)).isEqualTo(7 * GIB / 2);
    assertThat(defaultKvBytes(8 * GIB - 1)).isEqualTo(7 * GIB / 2);
    assertThat(defaultKvBytes(300 << 20)).isEqualTo(128 << 20);
    assertThat(defaultKvBytes(1)).isZero();
  }

  @Test
  void weightsComeFirst() {
    assertThat(new HeapBudget(20 * GIB, 12 * GIB).defaultKvBytes()).isEqualTo(4 * GIB);
    assertThat(new HeapBudget(4 * GIB, 5 * GIB).defaultKvBytes()).isZero();
    assertThatCode(() -> new HeapBudget(20 * GIB, 13 * GIB).requireWeights())
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> new HeapBudget(6 * GIB, 13 * GIB).requireWeights())
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContainingAll("13.0 GiB", "6.0 GiB", "18 GiB or more", "-Xmx", "executor.memory")
        .hasMessageNotContaining("\n");
    assertThatThrownBy(() -> new HeapBudget(GIB, GIB / 2).require(config, 512, 64, 0, GIB / 2))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("beside weights of 536870912 bytes");
  }

  @Test
  void refusesKeysAndValuesBeyondTheHeap() {
    HeapBudget budget = new HeapBudget(300 << 20, 0);
    assertThatCode(() -> budget.require(config, 512, 64, 0, 128 << 20)).doesNotThrowAnyException();
    assertThatThrownBy(() -> budget.require(config, 512, 64, 0, 100_000_000_000L))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContainingAll("need 100000000000 bytes", "kv_cache_bytes", "314572800", "-Xmx")
        .hasMessageNotContaining("\n");
  }

  @Test
  void refusesStepsBeyondTheHeapOrAnArray() {
    assertThatThrownBy(() -> new HeapBudget(100 << 20, 0).require(config, 1 << 20, 64, 0, 0))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContainingAll("1048576 tokens", "max_num_batched_tokens");
    int width = config.queryWidth() + 2 * config.kvWidth();
    int tooMany = Integer.MAX_VALUE / width + 1;
    assertThatThrownBy(() -> new HeapBudget(1L << 50, 0).require(config, tooMany, 64, 0, 0))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContainingAll("max_num_batched_tokens is " + tooMany, "at most");
  }
}
