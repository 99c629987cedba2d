package io.github.gptoss.engine.constraint.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PatternsTest {
  private final Terms terms = new Terms();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "ab|ba",
        "^a",
        "b$",
        "^ab*$",
        "^(a|b)*c$",
        "(^a|b$)",
        "^(a|)b",
        "(^|c)a",
        "a($|c)",
        "(^a?)+b",
        "^$",
        "a{2,3}b",
        "^(ab){2}$",
        "^[^b]+$",
        "[a-b]c.",
        "(a|b){0,2}c{2}",
        "^(a*b*)*$",
        "^(?:a|(b))c?$",
        "a+?b",
        "(?:a|^$){3}",
        "(?:^$|b){2,3}",
        "(?:^)?a",
        "(?:^)*b(?:$){2}",
        "(?:^a|b$|c){2}",
        "(?:(?:^a)?|b){3}c"
      })
  void findsWhatJavaFinds(String pattern) throws PatternException {
    Pattern java = Pattern.compile(pattern);
    Term search = Patterns.search(terms, pattern);
    Term whole = Patterns.whole(terms, pattern);
    Random random = new Random(pattern.hashCode());
    for (int i = 0; i < 500; i++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(7); length > 0; length--) {
        text.append((char) ('a' + random.nextInt(3)));
      }
      assertThat(terms.matches(search, text.toString()))
          .as("%s in %s", pattern, text)
          .isEqualTo(java.matcher(text).find());
      assertThat(terms.matches(whole, text.toString()))
          .as("%s is %s", pattern, text)
          .isEqualTo(java.matcher(text).matches());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'(?=a)', true",
    "'(?<!a)b', true",
    "'(a)\\1', true",
    "'\\bfoo', true",
    "'\\p{L}', true",
    "'(', false",
    "'a)', false",
    "'[b-a]', false",
    "'a{2,1}', false",
    "'*a', false",
    "'(?P<x>a)', false",
    "'a**', false",
    "'\\', false"
  })
  void refuses(String pattern, boolean isUnsupported) {
    assertThatExceptionOfType(PatternException.class)
        .isThrownBy(() -> Patterns.search(terms, pattern))
        .satisfies(e -> assertThat(e.isUnsupported()).isEqualTo(isUnsupported));
  }

  /** As ECMA-262 says; Java stops at the first empty round. */
  @Test
  void anEmptyRoundIsOneOfTheLeastNumber() throws PatternException {
    Term search = Patterns.search(terms, "(?:^|a){2}b");
    assertThat(terms.matches(search, "ab")).isTrue();
    assertThat(terms.matches(search, "aab")).isTrue();
    assertThat(terms.matches(search, "cab")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.{20000}$", "^(?:[ab]*a[ab]{20000}c|x)$"})
  void patternsThatLongTextsMakeTooWideAreRefused(String pattern) {
    assertThatExceptionOfType(LimitExceededException.class)
        .isThrownBy(() -> Patterns.search(terms, pattern))
        .withMessageContaining("parts");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ".{20000}",
        "^[^a]*a.{20000}$",
        "^(?:foo|bar|[a-z]{3,9} ){20000}$",
        "^(?:[0-9]{1,20000},)*$",
        "x{20000}y"
      })
  void largeCountsThatStayNarrowAreServed(String pattern) throws PatternException {
    assertThat(terms.isAlive(Patterns.search(terms, pattern))).isTrue();
  }

  @Test
  void countsOfAMillionStayNumbers() throws PatternException {
    Term term = Patterns.whole(terms, "[a-z]{1000000}");
    assertThat(terms.isAlive(term, 1_000_000, 1_000_000)).isTrue();
    assertThat(terms.isAlive(term, 0, 999_999)).isFalse();
    Term even = Patterns.whole(terms, "(?:ab)*");
    assertThat(terms.isAlive(even, 1_000_000, 1_000_000)).isTrue();
    assertThat(terms.isAlive(even, 999_999, 999_999)).isFalse();
  }

  @Test
  void knowsThatNothingFits() throws PatternException {
    Term a = Patterns.whole(terms, "a+");
    Term b = Patterns.whole(terms, "(?:aa)+");
    assertThat(terms.isAlive(terms.and(java.util.List.of(a, terms.not(b))))).isTrue();
    assertThat(terms.isAlive(terms.and(java.util.List.of(b, terms.not(a))))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "date, 2024-02-29, true",
    "date, 2023-02-29, false",
    "date, 0000-01-01, false",
    "time, 23:59:59Z, true",
    "time, 23:59:60Z, false",
    "date-time, 2024-01-01T00:00:00.123+05:30, true",
    "duration, P1Y2M3DT4H5M6S, true",
    "duration, P1YT, false",
    "email, a.b@c.de, true",
    "email, a..b@c.de, false",
    "email, a@ab--c.de, false",
    "hostname, a-b.c, true",
    "hostname, -a.b, false",
    "ipv4, 255.1.0.9, true",
    "ipv4, 256.1.0.9, false",
    "ipv6, ::1, true",
    "ipv6, 1:2:3:4:5:6:7:8, true",
    "ipv6, 1::2::3, false",
    "ipv6, ::ffff:1.2.3.4, true",
    "uuid, 123e4567-e89b-12d3-a456-426614174000, true",
    "uri, 'http://a.b/c?d#e', true",
    "uri, 'a b', false"
  })
  void formatsAreStrict(String format, String text, boolean fits) {
    assertThat(terms.matches(Formats.term(terms, format), text)).isEqualTo(fits);
  }
}
