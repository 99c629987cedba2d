package io.github.gptoss.engine.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.lora.Target;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdapterProductsTest {
  private static CpuAdapter adapter(Target target, int rank, int inputs) {
    AdapterMatrix matrix = new AdapterMatrix(rank, 1, inputs, 1, inputs, null, null);
    return new CpuAdapter(List.of(Map.of(target, matrix)), rank);
  }

  /** A loop whose first group has nothing to do is shared out for the others. */
  @Test
  void theEstimateCountsAllGroups() {
    List<CpuAdapter> adapters =
        List.of(
            adapter(Target.Q, 8, 50), adapter(Target.DOWN, 16, 100), adapter(Target.DOWN, 4, 9));
    RowGroups groups = new RowGroups(3);
    groups.add(0, 0, 6, row -> row % 4); // 2, 2, 1 and 1 rows of none and of the adapters
    groups.add(5, 6, 13, row -> row == 6 ? 1 : 2); // 1 and 6 rows of the first two
    assertThat(AdapterProducts.operations(adapters, 0, groups, Target.DOWN))
        .isEqualTo((1 + 6) * 16 * 100 + 4 * 9);
    assertThat(AdapterProducts.operations(adapters, 0, groups, Target.DOWN, Target.Q))
        .isEqualTo((1 + 6) * 16 * 100 + 4 * 9 + (2 + 1) * 8 * 50);
  }
}
