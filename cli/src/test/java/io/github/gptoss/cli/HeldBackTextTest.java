package io.github.gptoss.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class HeldBackTextTest {
  @Property
  void printsTheAnswerUpToTheFirstStopString(
      @ForAll @Size(max = 12)
          List<@CharRange(from = 'a', to = 'c') @StringLength(max = 4) String> parts,
      @ForAll @CharRange(from = 'a', to = 'c') @StringLength(min = 1, max = 4) String stop) {
    HeldBackText text = new HeldBackText(List.of(stop));
    StringBuilder all = new StringBuilder();
    StringBuilder printed = new StringBuilder();
    for (String part : parts) {
      if (all.indexOf(stop) >= 0) {
        break; // the engine stops at the token that completes a stop string
      }
      all.append(part);
      printed.append(text.add(part));
    }
    int at = all.indexOf(stop);
    String answer = at < 0 ? all.toString() : all.substring(0, at);
    assertThat(answer).startsWith(printed);
    assertThat(printed + text.rest(answer)).isEqualTo(answer);
  }

  @Test
  void holdsNothingBackThatCannotBeginAStopString() {
    HeldBackText text = new HeldBackText(List.of("stop", "end"));
    assertThat(text.add("a s")).isEqualTo("a ");
    assertThat(text.add("t")).isEmpty();
    assertThat(text.add("ar")).isEqualTo("star");
    assertThat(new HeldBackText(List.of()).add("all")).isEqualTo("all");
  }

  @Test
  void printsAnAnswerThatIsNotWhatWasStreamedWhole() {
    HeldBackText text = new HeldBackText(List.of());
    text.add("streamed");
    assertThat(text.rest("other")).isEqualTo("\nother");
  }
}
