package io.github.gptoss.engine.harmony;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class TextCutTest {
  private static int tokens(String text) {
    return Tokenizer.o200kHarmony().encode(text).length;
  }

  @Test
  void leavesOutItsPart() {
    String text = "one two three four five six seven eight nine ten";
    assertThat(TextCut.START.without(text, 2)).endsWith(" nine ten").startsWith(TextCut.MARK);
    assertThat(TextCut.END.without(text, 2)).startsWith("one two").endsWith(TextCut.MARK);
    assertThat(TextCut.MIDDLE.without(text, 2))
        .startsWith("one two")
        .endsWith("ten")
        .contains(TextCut.MARK);
  }

  @Property(tries = 300)
  void keepsWholeCharactersAndIsShorter(
      @ForAll @StringLength(max = 300) String text,
      @ForAll @IntRange(min = 1, max = 50) int tokens,
      @ForAll TextCut cut) {
    String shown = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    String left = cut.without(shown, tokens);
    int mark = left.indexOf(TextCut.MARK);
    String head = left.substring(0, mark);
    String tail = left.substring(mark + TextCut.MARK.length());
    assertThat(shown).startsWith(head).endsWith(tail);
    assertThat(tokens(head) + tokens(tail)).isLessThanOrEqualTo(Math.max(0, tokens(shown)));
  }

  @Test
  void whatIsLeftOfAVeryShortTextIsTheMark() {
    assertThat(TextCut.MIDDLE.without("a", 5)).isEqualTo(TextCut.MARK);
    assertThat(TextCut.END.without("", 0)).isEqualTo(TextCut.MARK);
  }
}
