package io.github.gptoss.spark.internal.tasks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MaskingTest {
  private static List<Masking.Span> spans(String list) {
    List<Masking.Span> spans = new ArrayList<>();
    for (String entry : list.split(";")) {
      String[] parts = entry.split("=", 2);
      spans.add(
          new Masking.Span(
              UTF8String.fromString(parts[0].strip()), UTF8String.fromString(parts[1])));
    }
    return spans;
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          one                   | Call Ann now.        | person=Ann                  | Call [person] now.
          every occurrence      | Ann met Ann, Annex   | person=Ann                  | [person] met [person], [person]ex
          not in the text       | Call Ann now.        | person=Bob                  | Call Ann now.
          other case is other   | Call Ann now.        | person=ann                  | Call Ann now.
          nothing named         | Call Ann now.        | person=                     | Call Ann now.
          two labels            | Ann, a@b.c           | person=Ann;email=a@b.c      | [person], [email]
          nested                | Ann Lee called       | first=Ann;name=Ann Lee      | [name] called
          nested, at its end    | Ann Lee called       | last=Lee;name=Ann Lee       | [name] called
          overlapping           | Ann Lee Street       | street=Lee Street;name=Ann Lee | [name]
          touching              | AnnLee               | a=Ann;b=Lee                 | [a][b]
          over itself           | aaaa b               | x=aa                        | [x] b
          the same twice        | Ann                  | person=Ann;name=Ann         | [person]
          a mark in the text    | [Ann] Ann            | Ann=Ann                     | [[Ann]] [Ann]
          at both ends          | Ann x Ann            | p=Ann                       | [p] x [p]
          the whole text        | Ann                  | p=Ann                       | [p]
          not ASCII             | Zoë wohnt in Köln 🙂 | name=Zoë;place=Köln 🙂      | [name] wohnt in [place]
          a label not ASCII     | Ann                  | größe=Ann                   | [größe]
          """)
  void replaces(String name, String text, String spans, String expected) {
    assertThat(Masking.mask(UTF8String.fromString(text), spans(spans)))
        .isEqualTo(UTF8String.fromString(expected));
  }

  @Test
  void leavesBytesThatAreNoTextAsTheyAre() {
    byte[] text = {(byte) 0xff, 'A', 'n', 'n', (byte) 0xc3, '\n'};
    UTF8String masked = Masking.mask(UTF8String.fromBytes(text), spans("p=Ann"));
    assertThat(masked.getBytes()).containsExactly(0xff, '[', 'p', ']', 0xc3, '\n');
  }

  @Test
  void isLinearInTheTextForALoopingAnswer() {
    UTF8String text =
        UTF8String.fromBytes("ab".repeat(1 << 19).getBytes(StandardCharsets.US_ASCII));
    List<Masking.Span> looping = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      looping.addAll(spans("p=a"));
    }
    assertThat(Masking.mask(text, looping).numBytes()).isEqualTo(4 << 19);
  }
}
