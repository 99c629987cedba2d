package io.github.gptoss.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptoss.engine.error.InvalidRequestException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class LineReaderTest {
  /** Gives a few bytes a read, so that lines and characters are cut anywhere. */
  private static InputStream inChunks(byte[] bytes, int chunk) {
    return new ByteArrayInputStream(bytes) {
      @Override
      public synchronized int read(byte[] buffer, int offset, int length) {
        return super.read(buffer, offset, Math.min(length, chunk));
      }
    };
  }

  @Property(tries = 200)
  void linesAreWhatSplittingGives(
      @ForAll List<String> texts, @ForAll @IntRange(min = 1, max = 20) int chunk)
      throws IOException {
    List<String> expected =
        texts.stream()
            .map(
                text ->
                    new String(
                        text.replace("\n", "")
                            .replace("\ufeff", "")
                            .getBytes(StandardCharsets.UTF_8),
                        StandardCharsets.UTF_8))
            .toList();
    byte[] bytes = (String.join("\n", expected) + "\n").getBytes(StandardCharsets.UTF_8);
    LineReader reader =
        new LineReader(inChunks(expected.isEmpty() ? new byte[0] : bytes, chunk), 1 << 20);
    List<String> actual = new ArrayList<>();
    for (String line = reader.next(); line != null; line = reader.next()) {
      actual.add(line);
    }
    assertThat(actual).isEqualTo(expected);
  }

  @Test
  void readsOnBehindALineThatIsTooLong() throws IOException {
    String input = "a".repeat(10) + "\n" + "b".repeat(200_000) + "\nc\n" + "d".repeat(11);
    LineReader reader =
        new LineReader(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), 10);
    assertThat(reader.next()).hasSize(10);
    assertThatThrownBy(reader::next)
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("longer than 10 bytes");
    assertThat(reader.next()).isEqualTo("c");
    assertThatThrownBy(reader::next).isInstanceOf(InvalidRequestException.class);
    assertThat(reader.next()).isNull();
  }
}
