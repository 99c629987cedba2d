package io.github.gptoss.spark.internal.completions;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.spark.internal.engine.EchoEngine;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RecentResultsTest {
  private static GenerationResult result(int tokens) {
    return EchoEngine.answer(new int[tokens]);
  }

  @Property
  void neverHoldsMoreThanItsBound(
      @ForAll List<@IntRange(max = 300) Integer> sizes, @ForAll @IntRange(max = 9000) int bound) {
    RecentResults<Integer> results = new RecentResults<>(bound);
    for (int i = 0; i < sizes.size(); i++) {
      results.put(i % 20, result(sizes.get(i)));
      assertThat(results.heldBytes()).isBetween(0L, (long) bound);
    }
    long held = 0;
    for (int key = 0; key < 20; key++) {
      GenerationResult known = results.get(key);
      held += known == null ? 0 : RecentResults.bytesOf(known);
    }
    assertThat(results.heldBytes()).isEqualTo(held);
  }

  @Test
  void dropsTheOneThatWasNotUsedForLongest() {
    GenerationResult any = result(10);
    RecentResults<String> results = new RecentResults<>(2 * RecentResults.bytesOf(any));
    results.put("a", any);
    results.put("b", any);
    assertThat(results.get("a")).isSameAs(any);
    results.put("c", any);
    assertThat(results.get("b")).isNull();
    assertThat(results.get("a")).isSameAs(any);
    assertThat(results.get("c")).isSameAs(any);
  }
}
