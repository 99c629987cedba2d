package io.github.gptoss.spark.internal.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.spark.internal.completions.CompletionKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class JournalIndexTest {
  /** First words are drawn from few, so that keys meet. */
  @Property(tries = 50)
  void offersEveryPlaceOfAWordAndNoOther(
      @ForAll long seed, @ForAll @IntRange(max = 5000) int keys) {
    Random random = new Random(seed);
    JournalIndex index = new JournalIndex();
    Map<Long, List<Long>> expected = new HashMap<>();
    for (long place = 0; place < keys; place++) {
      long word = random.nextInt(keys) * (random.nextBoolean() ? 1L : 1L << 40);
      index.add(new CompletionKey(word, place, 0, 0), place);
      expected.computeIfAbsent(word, w -> new ArrayList<>()).add(place);
    }
    assertThat(index.size()).isEqualTo(keys);
    for (long word = -1; word <= keys; word++) {
      List<Long> offered = new ArrayList<>();
      assertThat(index.find(new CompletionKey(word, 0, 0, 0), place -> !offered.add(place)))
          .isFalse();
      assertThat(offered)
          .containsExactlyInAnyOrderElementsOf(expected.getOrDefault(word, List.of()));
    }
  }

  @Property(tries = 20)
  void stopsAtTheKeysOwnPlace(@ForAll long word) {
    JournalIndex index = new JournalIndex();
    for (int place = 0; place < 10; place++) {
      index.add(new CompletionKey(word, place, 0, 0), place);
    }
    List<Long> offered = new ArrayList<>();
    assertThat(
            index.find(
                new CompletionKey(word, 4, 0, 0),
                place -> {
                  offered.add(place);
                  return place == 4;
                }))
        .isTrue();
    assertThat(offered).endsWith(4L);
  }
}
