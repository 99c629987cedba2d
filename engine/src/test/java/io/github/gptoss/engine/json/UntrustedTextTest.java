package io.github.gptoss.engine.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class UntrustedTextTest {
  @Test
  void keepsOrdinaryText() {
    assertThat(UntrustedText.quote("model.größe 漢字 😀")).isEqualTo("'model.größe 漢字 😀'");
  }

  @Test
  void masksWhatCouldForgeALineOrMoveTheCursor() {
    assertThat(UntrustedText.oneLine("a\nb\r\u001b[2Jc\u2028d\u202ee\ud800f"))
        .isEqualTo("a?b??[2Jc?d?e?f");
  }

  @Property
  void isOneBoundedLine(@ForAll String text) {
    assertThat(UntrustedText.oneLine(text))
        .hasSizeLessThan(170)
        .hasLineCount(text.isEmpty() ? 0 : 1);
  }

  @Test
  void neverCutsAPath() {
    String path = "/a".repeat(500);
    assertThat(UntrustedText.oneLine(Path.of(path))).isEqualTo(path);
  }
}
