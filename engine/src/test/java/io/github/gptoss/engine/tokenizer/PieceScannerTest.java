package io.github.gptoss.engine.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;

class PieceScannerTest {
  private static final String SPACE =
      "\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
  private static final String UPPER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
  private static final String LOWER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
  private static final String TAIL = "(?iu:'s|'t|'re|'ve|'m|'ll|'d)?";

  /** The pattern itself on java.util.regex, which is right on short texts. */
  private static final Pattern O200K =
      Pattern.compile(
          String.join(
              "|",
              "[^\\r\\n\\p{L}\\p{N}]?" + UPPER + "*" + LOWER + "+" + TAIL,
              "[^\\r\\n\\p{L}\\p{N}]?" + UPPER + "+" + LOWER + "*" + TAIL,
              "\\p{N}{1,3}",
              " ?[^" + SPACE + "\\p{L}\\p{N}]+[\\r\\n/]*",
              "[" + SPACE + "]*[\\r\\n]+",
              "[" + SPACE + "]+(?![^" + SPACE + "])",
              "[" + SPACE + "]+"));

  @Property(tries = 20_000)
  void splitsAsThePatternDoes(@ForAll("texts") String text) {
    assertThat(pieces(text)).isEqualTo(piecesOfPattern(text));
  }

  @Test
  void knowsTheCharactersWhereEnginesDiffer() {
    for (String text :
        new String[] {
          "\u0085\u0085x",
          "\u180ex",
          "\ufeffx",
          "\u001c\u001d y",
          "ǅa",
          "İi",
          "a\u0301B\u0301c",
          "it'ſ X'S 'll",
          "A'LLa",
          "\u0301A",
          "\u0301\u0301A1",
          " \u0301",
          "日A日AA b",
          "\n\n x",
          "//\n/"
        }) {
      assertThat(pieces(text)).as(escape(text)).isEqualTo(piecesOfPattern(text));
    }
  }

  /** Garay (Unicode 16), CJK extension J (17): what the JDK says about them does not matter. */
  @Test
  void followsUnicode16WhateverTheJdkKnows() {
    assertThat(pieces("\ud803\udd50\ud803\udd70'll")).hasSize(1); // Garay capital, Garay small
    assertThat(pieces("x\ud888\udfb0\n")).containsExactly("x", "\ud888\udfb0\n");
  }

  @Provide
  Arbitrary<String> texts() {
    Arbitrary<String> telling =
        Arbitraries.of(
            "a", "b", "Z", "Q", "日", "ª", "ʰ", "ǅ", "İ", "ß", "\u0301", "\u0903", "\u20dd", "1",
            "٣", "½", "Ⅷ", " ", " ", "\t", "\n", "\r", "\u0085", "\u00a0", "\u2028", "\u3000",
            "\u200b", "\u180e", "\ufeff", "\u001c", "'", "'s", "'LL", "'ſ", "'rE", "/", "!", "?",
            "👩", "𝔘", "𐐷", "𐐨", "𝟘", "\u0000", "\ufffd", "\ue000");
    Arbitrary<String> any =
        Arbitraries.integers()
            .between(0, 0x2ffff)
            .filter(c -> Character.isDefined(c) && !(c >= 0xd800 && c <= 0xdfff))
            .map(Character::toString);
    return Arbitraries.frequencyOf(Tuple.of(6, telling), Tuple.of(1, any))
        .list()
        .ofMaxSize(16)
        .map(parts -> String.join("", parts));
  }

  private static List<String> pieces(String text) {
    PieceScanner scanner = new PieceScanner(text);
    List<String> pieces = new ArrayList<>();
    for (int start = 0; start < text.length(); ) {
      int end = scanner.endOfPiece(start);
      pieces.add(text.substring(start, end));
      start = end;
    }
    return pieces;
  }

  private static List<String> piecesOfPattern(String text) {
    List<String> pieces = new ArrayList<>();
    Matcher matcher = O200K.matcher(text);
    while (matcher.find()) {
      pieces.add(matcher.group());
    }
    return pieces;
  }

  private static String escape(String text) {
    StringBuilder out = new StringBuilder();
    text.chars().forEach(c -> out.append(String.format("\\u%04x", c)));
    return out.toString();
  }
}
