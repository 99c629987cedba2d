package io.github.gptoss.engine.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Utf8DecoderTest {
  /** What Python's bytes.decode("utf-8", "replace") gives; R stands for U+FFFD. */
  @ParameterizedTest
  @CsvSource({
    "61f09f9861, aRa",
    "f09f, R",
    "c080, RR",
    "e08061, RRa",
    "eda080, RRR",
    "f4908080, RRRR",
    "f0808080, RRRR",
    "f5ff, RR",
    "80bf, RR",
    "c361, Ra",
    "e28ce28c, RR",
    "f1808041f1, RAR",
    "e1c3a9, Ré",
  })
  void replacesMaximalSubparts(String hex, String expected) {
    assertThat(decode(HexFormat.of().parseHex(hex))).isEqualTo(expected.replace('R', '\ufffd'));
  }

  @Test
  void acceptsTheBoundsOfEveryLength() {
    for (int c :
        new int[] {0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff}) {
      String text = Character.toString(c);
      assertThat(decode(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(text);
    }
  }

  @Property
  void agreesWithTheJdkOnWhereTheErrorsAre(@ForAll byte[] bytes) {
    String ours = decode(bytes);
    String jdks = new String(bytes, StandardCharsets.UTF_8);
    // The JDK may write another number of U+FFFD for one malformed run.
    assertThat(ours.replaceAll("\ufffd+", "\ufffd"))
        .isEqualTo(jdks.replaceAll("\ufffd+", "\ufffd"));
  }

  private static String decode(byte[] bytes) {
    Utf8Decoder decoder = new Utf8Decoder();
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < bytes.length; i++) {
      decoder.push(bytes, i, i + 1, out);
    }
    decoder.finish(out);
    return out.toString();
  }
}
