package io.github.gptoss.engine.constraint;

import static io.github.gptoss.engine.constraint.Schemas.accepts;
import static io.github.gptoss.engine.constraint.Schemas.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.github.gptoss.engine.error.ConstraintException;
import io.github.gptoss.engine.error.ConstraintException.Code;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Combinations of schemas: which are proven, in which order their members are, what they cost. */
class CombinedSchemasTest {
  private static String oneOf(List<String> branches) {
    return "{\"oneOf\":[" + String.join(",", branches) + "]}";
  }

  static List<String> ordersOfARecursiveTree() {
    String leaf = "{\"type\":\"string\"}";
    String list = "{\"type\":\"array\",\"items\":{\"$ref\":\"#\"},\"minItems\":1}";
    String node =
        "{\"type\":\"object\",\"properties\":{\"k\":{\"const\":\"n\"},\"next\":{\"$ref\":\"#\"}},"
            + "\"required\":[\"k\",\"next\"]}";
    String end =
        "{\"type\":\"object\",\"properties\":{\"next\":{\"$ref\":\"#\"},\"k\":{\"const\":\"e\"}},"
            + "\"required\":[\"k\",\"next\"]}";
    return List.of(
        oneOf(List.of(leaf, list, node, end)),
        oneOf(List.of(list, node, end, leaf)),
        oneOf(List.of(end, leaf, node, list)),
        oneOf(List.of(node, end, list, leaf)));
  }

  @ParameterizedTest
  @MethodSource("ordersOfARecursiveTree")
  void recursiveBranchesMayStandInAnyOrder(String schema) {
    assertThat(accepts(schema, "[{\"k\":\"n\",\"next\":\"x\"}]")).isTrue();
    assertThat(accepts(schema, "[]")).isFalse();
  }

  @Test
  void whatStandsBesideTheBranchesCountsForEachOfThem() {
    String schema =
        "{\"type\":\"object\",\"required\":[\"k\"],\"oneOf\":["
            + "{\"properties\":{\"k\":{\"const\":\"a\"},\"x\":{\"type\":\"integer\"}}},"
            + "{\"properties\":{\"k\":{\"const\":\"b\"}}}]}";
    assertThat(accepts(schema, "{\"k\":\"a\",\"x\":1}")).isTrue();
    assertThat(accepts(schema, "{\"k\":\"b\",\"x\":1}")).isFalse();
    assertThat(refusal(schema.replace("\"required\":[\"k\"],", "")).keyword()).isEqualTo("oneOf");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"oneOf\":[{\"enum\":[{\"b\":1}],\"properties\":{\"a\":{}}},{\"enum\":[{\"b\":1}]}]}",
        "{\"oneOf\":[{\"enum\":[\"http://[::1]/\"],\"format\":\"uri\"},"
            + "{\"enum\":[\"http://[::1]/\"]}]}",
        "{\"oneOf\":[{\"required\":[\"k\"],\"properties\":{\"k\":{\"enum\":[\"http://[::1]/\",\"a:b\"],"
            + "\"format\":\"uri\"}}},{\"required\":[\"k\"],\"properties\":{\"k\":{\"const\":"
            + "\"http://[::1]/\"}}}]}"
      })
  void aListedValueThatOnlyOurNarrowerLanguageForbidsIsNoProof(String schema) {
    assertThat(refusal(schema).keyword()).isEqualTo("oneOf");
  }

  @Test
  void listedTextsMayHaveAFormat() {
    String schema = "{\"enum\":[\"http://[::1]/\",\"a:b\"],\"format\":\"uri\"}";
    assertThat(accepts(schema, "\"a:b\"")).isTrue();
    assertThat(accepts(schema, "\"http://[::1]/\"")).isFalse();
  }

  @Test
  void listedValuesMayStandInRecursiveSchemas() {
    String schema = "{\"type\":\"array\",\"items\":{\"$ref\":\"#\"},\"enum\":[[],[[]],[[[]]],[1]]}";
    assertThat(accepts(schema, "[[]]")).isTrue();
    assertThat(accepts(schema, "[[[]]]")).isTrue();
    assertThat(accepts(schema, "[1]")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"object\",\"allOf\":[{\"required\":[\"b\"]}],\"required\":[\"a\"]}",
        "{\"type\":\"object\",\"allOf\":[{\"properties\":{\"b\":{},\"a\":{}}}],\"required\":[\"a\",\"b\"]}",
        "{\"type\":\"object\",\"required\":[\"b\"],\"allOf\":[{\"required\":[\"a\"]}]}"
      })
  void membersAreInOrderOfAppearance(String schema) {
    assertThat(accepts(schema, "{\"b\":1,\"a\":2}")).isTrue();
    assertThat(accepts(schema, "{\"a\":2,\"b\":1}")).isFalse();
  }

  private static String repeated(int count, String open, String part, String close) {
    return IntStream.range(0, count)
        .mapToObj(i -> part.replace("#", Integer.toString(i)))
        .collect(Collectors.joining(",", open, close));
  }

  static List<String> hostileCombinations() {
    String branches =
        repeated(
            20,
            "[",
            "{\"properties\":{\"a#\":{\"type\":\"string\"},\"b#\":{\"minItems\":#}}}",
            "]");
    return List.of(
        repeated(
            1_500,
            "{\"oneOf\":[",
            "{\"properties\":{\"k\":{\"minimum\":#,\"maximum\":#}},\"required\":[\"k\"]}",
            "]}"),
        repeated(5_000, "{\"allOf\":[", "{\"required\":[\"a#\"]}", "]}"),
        "{\"allOf\":" + repeated(60, "[", "{\"anyOf\":" + branches + "}", "]") + "}",
        repeated(2_000, "{\"uniqueItems\":true,\"enum\":[[", "#", "]],")
            + "\"allOf\":"
            + repeated(4_000, "[", "{\"items\":{\"enum\":[1,2,#]}}", "]")
            + "}");
  }

  /** The limit on steps is reached long before the promised two seconds. */
  @ParameterizedTest
  @MethodSource("hostileCombinations")
  void hostileCombinationsEndInAnError(String schema) {
    ConstraintException refusal = assertTimeout(Duration.ofSeconds(10), () -> refusal(schema));
    assertThat(refusal.code()).isEqualTo(Code.UNSUPPORTED_SCHEMA);
    assertThat(refusal).hasMessageContaining("limit").hasMessageContaining("more than");
    assertThat(refusal.keyword()).isNotEmpty();
  }

  @Test
  void listedArraysAreNotLookedAtForEachCombination() {
    String schema =
        repeated(1_900, "{\"enum\":[", "[#,\"x\",[#]]", "],")
            + "\"allOf\":"
            + repeated(300, "[", "{\"minItems\":1}", "]")
            + "}";
    assertThat(assertTimeout(Duration.ofSeconds(10), () -> accepts(schema, "[7,\"x\",[7]]")))
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"properties\":{\"a\":false},\"additionalProperties\":true,\"minProperties\":2}"
            + "|UNSUPPORTED_SCHEMA|minProperties",
        "{\"properties\":{\"a\":{\"enum\":[[]],\"minItems\":1},\"b\":{}},\"minProperties\":2}"
            + "|UNSATISFIABLE_SCHEMA|``",
        "{\"additionalProperties\":{\"enum\":[[]],\"minItems\":1},\"minProperties\":2}"
            + "|UNSATISFIABLE_SCHEMA|``"
      })
  void countsAreComparedWithMembersThatArePossible(String schema, Code code, String keyword) {
    ConstraintException refusal = refusal(schema);
    assertThat(refusal.code()).isEqualTo(code);
    assertThat(refusal.keyword()).isEqualTo(keyword);
  }

  @Test
  void deepLiteralsAreLookedAtOnce() {
    String deep = "[".repeat(200) + "]".repeat(200);
    assertThat(accepts("{\"const\":" + deep + "}", deep)).isTrue();
    assertThat(refusal("{\"const\":" + "[".repeat(900) + "]".repeat(900) + "}").code())
        .isEqualTo(Code.UNSATISFIABLE_SCHEMA);
  }

  @Test
  void manyBranchesWithATagAreServed() {
    String schema =
        repeated(
            1_500,
            "{\"oneOf\":[",
            "{\"properties\":{\"k\":{\"enum\":[#,\"n#\"]}},\"required\":[\"k\"]}",
            "]}");
    assertThat(assertTimeout(Duration.ofSeconds(10), () -> accepts(schema, "{\"k\":\"n1499\"}")))
        .isTrue();
  }

  @Test
  void longListsOfArraysNameTheirKeyword() {
    ConstraintException refusal = refusal(repeated(2_100, "{\"enum\":[", "[#]", "]}"));
    assertThat(refusal.keyword()).isEqualTo("enum");
    assertThat(refusal.path()).isEqualTo("/enum");
    String served = repeated(1_900, "{\"enum\":[", "[#]", "]}");
    assertThat(accepts(served, "[1899]")).isTrue();
    assertThat(accepts(served, "[1900]")).isFalse();
  }
}
