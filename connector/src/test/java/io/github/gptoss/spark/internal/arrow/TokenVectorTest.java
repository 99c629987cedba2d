package io.github.gptoss.spark.internal.arrow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;

class TokenVectorTest {
  private static int[] read(IntBuffer view) {
    int[] ids = new int[view.remaining()];
    view.get(ids);
    return ids;
  }

  @Property(tries = 100)
  void readsBackWhatWasAppendedAndAgainAfterClearing(
      @ForAll @Size(max = 40) List<@Size(max = 300) int[]> rows) {
    try (BufferAllocator allocator = ArrowMemory.newChild("test");
        TokenVector vector = new TokenVector("ids", allocator)) {
      for (int round = 0; round < 2; round++) {
        for (int i = 0; i < rows.size(); i++) {
          Arrays.stream(rows.get(i)).forEach(vector);
          vector.endRow();
        }
        List<int[]> views = new ArrayList<>();
        List<Object> arrow = new ArrayList<>();
        for (int i = 0; i < vector.rows(); i++) {
          views.add(read(vector.row(i)));
          arrow.add(vector.vector().getObject(i));
        }
        assertThat(views.toArray()).isEqualTo(rows.toArray());
        assertThat(arrow)
            .isEqualTo(rows.stream().map(r -> Arrays.stream(r).boxed().toList()).toList());
        vector.clear();
      }
    }
  }

  @Test
  void growsBeyondItsFirstAllocation() {
    try (BufferAllocator allocator = ArrowMemory.newChild("test");
        TokenVector vector = new TokenVector("ids", allocator)) {
      int[] large = new int[1_000_000];
      Arrays.setAll(large, i -> i * 7);
      vector.accept(1);
      vector.endRow();
      Arrays.stream(large).forEach(vector);
      vector.endRow();
      vector.endRow();
      assertThat(read(vector.row(1))).isEqualTo(large);
      assertThat(read(vector.row(0))).containsExactly(1);
      assertThat(read(vector.row(2))).isEmpty();
      assertThat(vector.row(1).isDirect()).isTrue();
    }
  }

  @Test
  void aLeakIsFoundWhenTheAllocatorIsClosed() {
    // A root of its own, since what leaks stays leaked.
    BufferAllocator allocator = new RootAllocator().newChildAllocator("test", 0, Long.MAX_VALUE);
    new TokenVector("ids", allocator).accept(1);
    assertThatIllegalStateException().isThrownBy(allocator::close).withMessageContaining("leaked");
  }
}
