package io.github.gptoss.engine.constraint;

import static io.github.gptoss.engine.constraint.Schemas.accepts;
import static io.github.gptoss.engine.constraint.Schemas.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.constraint.compiled.Constraint;
import io.github.gptoss.engine.error.ConstraintException;
import io.github.gptoss.engine.error.ConstraintException.Code;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Schemas that once broke the compiler, or its promise. */
class ConstraintFaultsTest {
  @Test
  void longPatternsNeedNoDeepStack() {
    Constraint constraint =
        Constraint.compile(
            spec("{\"type\":\"string\",\"pattern\":\"^q(?:" + "ab".repeat(2000) + ")+$\"}"));
    assertThat(accepts(constraint, "\"q" + "ab".repeat(4000) + "\"")).isTrue();
    assertThat(accepts(constraint, "\"q" + "ab".repeat(3999) + "\"")).isFalse();
    String nested = "(?:(?:ab)*" + "c".repeat(3000) + "){2}";
    Constraint regex =
        Constraint.compile(new ConstraintSpec(ConstraintSpec.Kind.REGEX, nested, false));
    assertThat(accepts(regex, "ab" + "c".repeat(3000) + "abab" + "c".repeat(3000))).isTrue();
  }

  @Test
  void longListedTextsNeedNoDeepStack() {
    String longest = "yz".repeat(2048);
    String schema = "{\"enum\":[\"%s\",\"%s\",\"y\",\"\"]}";
    Constraint constraint = Schemas.compile(schema.formatted(longest, longest.substring(1)));
    assertThat(accepts(constraint, "\"" + longest + "\"")).isTrue();
    assertThat(accepts(constraint, "\"" + longest.substring(1) + "\"")).isTrue();
    assertThat(accepts(constraint, "\"" + longest.substring(2) + "\"")).isFalse();
    assertThat(accepts(constraint, "\"y\"")).isTrue();
    assertThat(accepts(constraint, "\"\"")).isTrue();
    for (int characters : new int[] {4097, 200_000}) {
      assertThat(Schemas.refusal(schema.formatted("y".repeat(characters), "z")))
          .hasMessageContaining("a listed text has more than 4,096 characters");
    }
    String deepest = "y".repeat(500);
    StringBuilder nested = new StringBuilder("\"\"");
    for (int i = 1; i <= 500; i++) {
      nested.append(",\"").append(deepest, 0, i).append('"');
    }
    assertThat(accepts("{\"enum\":[" + nested + "]}", "\"" + deepest + "\"")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"const\":1e999999999}",
        "{\"type\":\"integer\",\"enum\":[1e999999999]}",
        "{\"type\":\"number\",\"multipleOf\":1e-999999999}",
        "{\"type\":\"number\",\"minimum\":1e-3000000}",
        "{\"enum\":[{\"a\":[1e999999999]}]}"
      })
  void numbersBeyondAllUseAreRefused(String schema) {
    ConstraintSpec spec = spec(schema);
    assertThatExceptionOfType(ConstraintException.class)
        .isThrownBy(() -> Constraint.compile(spec))
        .satisfies(e -> assertThat(e.code()).isEqualTo(Code.UNSUPPORTED_SCHEMA));
  }

  @Test
  void circlesBelowUniqueItemsAreFound() {
    ConstraintSpec spec =
        spec(
            "{\"type\":\"array\",\"uniqueItems\":true,\"items\":{\"$ref\":\"#/$defs/a\"},\"$defs\":"
                + "{\"a\":{\"anyOf\":[{\"$ref\":\"#/$defs/a\"},{\"type\":\"string\"}]}}}");
    assertThatExceptionOfType(ConstraintException.class)
        .isThrownBy(() -> Constraint.compile(spec))
        .satisfies(e -> assertThat(e.keyword()).isEqualTo("$ref"));
  }

  @Test
  void valuesOfSeveralBranchesAreDistinctOnce() {
    Constraint texts =
        Constraint.compile(
            spec(
                "{\"type\":\"array\",\"uniqueItems\":true,\"items\":{\"anyOf\":[{\"enum\":"
                    + "[\"a\",\"b\"]},{\"enum\":[\"b\",\"c\"]}]}}"));
    assertThat(accepts(texts, "[\"b\",\"b\"]")).isFalse();
    assertThat(accepts(texts, "[\"b\",\"c\",\"a\"]")).isTrue();
    Constraint numbers =
        Constraint.compile(
            spec(
                "{\"type\":\"array\",\"uniqueItems\":true,\"items\":{\"anyOf\":[{\"const\":1},"
                    + "{\"enum\":[1.0,2]}]}}"));
    assertThat(accepts(numbers, "[1,1]")).isFalse();
    assertThat(accepts(numbers, "[2,1]")).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"oneOf\":[{\"const\":{\"a\":1}},{\"type\":\"object\",\"properties\":{\"b\":{}}}]}",
        "{\"oneOf\":[{\"type\":\"string\",\"format\":\"uri\"},{\"enum\":[\"http://[::1]/\"]}]}",
        "{\"oneOf\":[{\"type\":\"string\",\"format\":\"date-time\"},{\"type\":\"string\","
            + "\"pattern\":\"z$\"}]}"
      })
  void whatOnlyOurNarrowerLanguageExcludesIsNoProof(String schema) {
    ConstraintSpec spec = spec(schema);
    assertThatExceptionOfType(ConstraintException.class)
        .isThrownBy(() -> Constraint.compile(spec))
        .satisfies(e -> assertThat(e.keyword()).isEqualTo("oneOf"));
  }

  @Test
  void aNameWithoutUtf8IsNoMember() {
    Constraint constraint =
        Constraint.compile(
            spec("{\"type\":\"object\",\"properties\":{\"\\ud800\":{\"type\":\"integer\"}}}"));
    assertThat(accepts(constraint, "{}")).isTrue();
    assertThat(accepts(constraint, "{\":1}")).isFalse();
  }
}
