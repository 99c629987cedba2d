package io.github.gptoss.engine.harmony;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class TextChunksTest {
  private static int tokens(String text) {
    return Tokenizer.o200kHarmony().encode(text).length;
  }

  @Test
  void packsInOrder() {
    assertThat(TextChunks.of(List.of("one", "two", "three"), 100))
        .containsExactly("one\n\ntwo\n\nthree");
    assertThat(TextChunks.of(List.of("one", "two", "three"), 3))
        .containsExactly("one\n\ntwo", "three");
    assertThat(TextChunks.of(List.of("one two three four", "five"), 2))
        .containsExactly("one two", " three four", "five");
    assertThat(TextChunks.of(List.of(), 5)).isEmpty();
    assertThat(TextChunks.of(List.of("", ""), 5)).isEmpty();
  }

  @Property(tries = 200)
  void losesNothingAndKeepsItsSize(
      @ForAll @Size(max = 8) List<@StringLength(max = 200) String> texts,
      @ForAll @IntRange(min = 8, max = 100) int size) {
    List<String> shown =
        texts.stream()
            .map(t -> new String(t.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
            .map(t -> t.replace("\n", ""))
            .toList();
    List<String> chunks = TextChunks.of(shown, size);
    assertThat(String.join("", chunks).replace("\n\n", "")).isEqualTo(String.join("", shown));
    // Characters of several tokens may end in the next piece.
    assertThat(chunks).allSatisfy(chunk -> assertThat(tokens(chunk)).isLessThanOrEqualTo(2 * size));
  }
}
