package io.github.gptoss.engine.harmony;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TypeScriptTypesTest {
  @Test
  void writesEveryFormThatTheGoldensLack() {
    assertThat(type("{\"type\": \"array\", \"items\": {\"type\": \"array\", \"items\": true}}"))
        .isEqualTo("any[][]");
    assertThat(type("{\"type\": []}")).isEqualTo("any");
    assertThat(type("{\"type\": [\"integer\", \"null\", 3]}")).isEqualTo("number | null");
    assertThat(type("{\"type\": \"string\", \"enum\": [1]}")).isEqualTo("string");
    assertThat(type("{\"oneOf\": []}")).isEmpty();
    assertThat(type("true")).isEqualTo("any");
    assertThat(type("{\"type\": \"object\", \"properties\": []}")).isEqualTo("{\n}");
    assertThat(
            type(
                """
                {"oneOf": [{"type": "string", "enum": ["a"], "default": "a", "description": "d"},
                           {"type": "string", "default": "b"},
                           {"type": "boolean", "nullable": true, "default": false}]}"""))
        .isEqualTo(
            "\n | \"a\" // d default: \"a\"\n | string // default: \"b\""
                + "\n | boolean | null // default: false");
  }

  @Test
  void writesNumbersAsSerdeJsonDoes() {
    for (String number :
        new String[] {
          "0", "-1", "9223372036854775807", "18446744073709551615", "2.5", "-0.0", "1e16",
          "123456789012345.6", "0.00001", "1e-6", "1.5e300", "5e-324", "2e-44",
              "1.7976931348623157e308"
        }) {
      assertThat(JsonText.of(Goldens.json(number))).isEqualTo(number);
    }
    assertThat(JsonText.of(Goldens.json("1e2"))).isEqualTo("100.0");
    assertThat(JsonText.of(Goldens.json("1e15"))).isEqualTo("1000000000000000.0");
    assertThat(JsonText.of(Goldens.json("18446744073709551616")))
        .isEqualTo("1.8446744073709552e19");
    assertThat(JsonText.of(Goldens.json("1.23E-5"))).isEqualTo("0.0000123");
  }

  @Test
  void escapesAsSerdeJsonDoes() {
    assertThat(
            JsonText.of(
                Goldens.json("[\"\\u0001\\u001f\\u007f\\b\\f\\n\\r\\t\\\"\\\\/é\", {}, null]")))
        .isEqualTo("[\"\\u0001\\u001f\u007f\\b\\f\\n\\r\\t\\\"\\\\/é\",{},null]");
  }

  private static String type(String schema) {
    return TypeScriptTypes.of(Goldens.json(schema));
  }
}
