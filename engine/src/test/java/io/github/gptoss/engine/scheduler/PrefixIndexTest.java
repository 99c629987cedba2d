package io.github.gptoss.engine.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PrefixIndexTest {
  @Test
  void tellsNodesApartWhoseHashesCollide() {
    PrefixIndex index =
        new PrefixIndex(2) {
          @Override
          long hash(PrefixNode parent, int adapter, int[] tokens, int from) {
            return 42;
          }
        };
    PrefixNode first = index.findOrAdd(null, 0, new int[] {1, 2}, 0);
    PrefixNode second = index.findOrAdd(null, 0, new int[] {2, 1}, 0);
    PrefixNode child = index.findOrAdd(first, 0, new int[] {1, 2}, 0);
    assertThat(index.size()).isEqualTo(3);
    assertThat(index.find(null, 0, new int[] {9, 1, 2}, 1)).isSameAs(first);
    assertThat(index.find(null, 0, new int[] {2, 1}, 0)).isSameAs(second);
    assertThat(index.find(first, 0, new int[] {1, 2}, 0)).isSameAs(child);
    assertThat(index.find(second, 0, new int[] {1, 2}, 0)).isNull();
    assertThat(index.find(null, 0, new int[] {1, 1}, 0)).isNull();
    assertThat(index.find(null, 1, new int[] {1, 2}, 0)).isNull();
    PrefixNode adapted = index.findOrAdd(null, 1, new int[] {1, 2}, 0);
    assertThat(adapted).isNotSameAs(first);
    assertThat(index.find(null, 1, new int[] {1, 2}, 0)).isSameAs(adapted);
  }

  @Test
  void keepsParentsAsLongAsTheirChildren() {
    PrefixIndex index = new PrefixIndex(1);
    PrefixNode parent = index.findOrAdd(null, 0, new int[] {1}, 0);
    parent.uses++;
    PrefixNode child = index.findOrAdd(parent, 0, new int[] {2}, 0);
    child.uses++;
    index.release(parent);
    assertThat(index.find(null, 0, new int[] {1}, 0)).isSameAs(parent);
    index.release(child);
    assertThat(index.size()).isZero();
    assertThat(index.find(null, 0, new int[] {1}, 0)).isNull();
  }

  @Test
  void findsEveryNodeAfterGrowing() {
    PrefixIndex index = new PrefixIndex(1);
    List<PrefixNode> nodes = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      PrefixNode parent = i % 3 == 0 ? null : nodes.get(i / 2);
      nodes.add(index.findOrAdd(parent, 0, new int[] {i}, 0));
    }
    for (int i = 0; i < 1000; i++) {
      PrefixNode parent = i % 3 == 0 ? null : nodes.get(i / 2);
      assertThat(index.find(parent, 0, new int[] {i}, 0)).isSameAs(nodes.get(i));
    }
    assertThat(index.size()).isEqualTo(1000);
  }
}
