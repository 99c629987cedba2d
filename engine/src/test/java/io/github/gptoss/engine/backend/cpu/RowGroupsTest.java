package io.github.gptoss.engine.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowGroupsTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void everyRowWithAnAdapterIsInTheGroupOfItsExpertAndAdapter(long seed) {
    Random random = new Random(seed);
    int adapters = 1 + random.nextInt(5);
    RowGroups groups = new RowGroups(adapters);
    for (int step = 0; step < 5; step++) {
      groups.clear();
      int[] adapterOf = random.ints(100, 0, adapters + 1).toArray();
      int from = 0;
      List<Integer> ends = new ArrayList<>();
      while (from < adapterOf.length) {
        int to = Math.min(adapterOf.length, from + random.nextInt(30));
        int expert = 2 * ends.size();
        groups.add(expert, from, to, row -> adapterOf[row]);
        ends.add(to);
        from = to;
      }
      assertGroups(groups, adapterOf, ends);
    }
  }

  private static void assertGroups(RowGroups groups, int[] adapterOf, List<Integer> ends) {
    List<Integer> seen = new ArrayList<>();
    for (int g = 0; g < groups.groups(); g++) {
      int expert = groups.expert(g);
      int from = expert == 0 ? 0 : ends.get(expert / 2 - 1);
      assertThat(groups.start(g + 1)).isGreaterThan(groups.start(g));
      for (int place = groups.start(g); place < groups.start(g + 1); place++) {
        int row = groups.row(place);
        assertThat(adapterOf[row]).isEqualTo(groups.adapter(g)).isPositive();
        assertThat(row).isBetween(from, ends.get(expert / 2) - 1);
        assertThat(groups.firstFrom(g, row)).isEqualTo(place);
        assertThat(groups.firstFrom(g, row + 1)).isEqualTo(place + 1);
        seen.add(row);
      }
      int first = groups.firstOf(expert);
      assertThat(groups.expert(first)).isEqualTo(expert);
      assertThat(first == 0 || groups.expert(first - 1) < expert).isTrue();
    }
    assertThat(groups.size()).isEqualTo(seen.size());
    assertThat(seen).doesNotHaveDuplicates();
    for (int row = 0; row < adapterOf.length; row++) {
      assertThat(seen.contains(row)).isEqualTo(adapterOf[row] > 0);
    }
  }

  @Test
  void anExpertWithoutGroupsHasNone() {
    RowGroups groups = new RowGroups(2);
    groups.clear();
    groups.add(1, 0, 3, row -> 2);
    groups.add(4, 3, 5, row -> 0);
    assertThat(groups.groups()).isEqualTo(1);
    assertThat(groups.firstOf(0)).isZero();
    assertThat(groups.firstOf(1)).isZero();
    assertThat(groups.firstOf(4)).isEqualTo(1);
  }
}
