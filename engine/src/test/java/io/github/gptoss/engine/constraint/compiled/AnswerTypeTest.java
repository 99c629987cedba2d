package io.github.gptoss.engine.constraint.compiled;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.engine.constraint.AnswerType;
import io.github.gptoss.engine.constraint.AnswerType.Kind;
import io.github.gptoss.engine.constraint.ConstraintSpec;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswerTypeTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Kinds in lower case, ? where null fits, ! where the set is finite, * at required members. */
  private static String text(AnswerType type) {
    String text =
        switch (type.kind()) {
          case ARRAY -> "[" + text(type.item()) + "]";
          case OBJECT ->
              type.members().stream()
                  .map(m -> m.name() + (m.isRequired() ? "*" : "") + ":" + text(m.type()))
                  .collect(Collectors.joining(" ", "{", "}"));
          default -> type.kind().name().toLowerCase(Locale.ROOT);
        };
    return text + (type.isNullable() ? "?" : "") + (type.isFinite() ? "!" : "");
  }

  private static AnswerType type(String schema) throws Exception {
    return Constraint.type(ConstraintSpec.ofSchema(JSON.readTree(schema), true));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'type': 'boolean'} | boolean!",
        "{'type': 'null'} | null?!",
        "{'type': 'integer'} | long",
        "{'type': 'integer', 'minimum': 1, 'maximum': 5} | long!",
        "{'type': 'integer', 'maximum': 9223372036854775808} | integer",
        "{'type': 'integer', 'minimum': -1e37} | integer",
        "{'type': 'integer', 'maximum': 1e38} | json",
        "{'type': 'number', 'minimum': 0} | number",
        "{'type': 'number', 'multipleOf': 0.01} | number",
        "{'type': ['integer', 'null']} | long?",
        "{'enum': ['a', 'b']} | text!",
        "{'enum': ['a', null]} | text?!",
        "{'enum': [1, 2]} | long!",
        "{'enum': [1, 2.5]} | number!",
        "{'enum': [1, 'a']} | json!",
        "{'const': 5.0} | long!",
        "{'type': 'string', 'format': 'date'} | text",
        "{'type': 'array', 'items': {'type': 'string'}} | [text]",
        "{'type': 'array', 'items': {'type': ['string', 'null']}} | [text?]",
        "{'type': 'array', 'maxItems': 0} | [null?]",
        "{'type': 'array', 'prefixItems': [{'type': 'integer'}], 'items': {'type': 'number'}}"
            + " | [number]",
        "{'type': 'array', 'prefixItems': [{'type': 'integer'}], 'items': {'type': 'string'}}"
            + " | [json]",
        "{'type': 'array', 'prefixItems': [{'type': 'integer'}], 'items': false} | [long]",
        "{'type': 'object'} | map",
        "{'type': 'object', 'additionalProperties': {'type': 'integer'}} | map",
        "{'patternProperties': {'^x': {'type': 'integer'}}} | map",
        "{'properties': {'b': {'type': 'string'}, 'a': {'type': 'integer'}}, 'required': ['a']}"
            + " | {b:text a*:long}",
        "{'properties': {'a': {'type': 'string'}}, 'additionalProperties': true} | map",
        "{'properties': {'a': {'type': 'string'}}, 'additionalProperties': false} | {a:text}",
        "{'properties': {'a': {'type': 'string'}, 'b': false}} | {a:text}",
        "{'properties': {'a': {'type': 'string'}}, 'required': ['z']} | {a:text z*:json?}",
        "{'anyOf': [{'type': 'null'}, {'type': 'object', 'properties': {'a': {'type': 'string'}}}]}"
            + " | {a:text}?",
        "{'anyOf': [{'properties': {'a': {'const': 1}}, 'required': ['a']},"
            + " {'properties': {'a': {'const': 2.5}}}]} | {a:number!}",
        "{'anyOf': [{'properties': {'a': {'const': 1}}}, {'properties': {'b': {'const': 1}}}]}"
            + " | json",
        "{'anyOf': [{'type': 'integer'}, {'type': 'number'}]} | number",
        "{'anyOf': [{'type': 'integer'}, {'type': 'string'}]} | json",
        "{'allOf': [{'properties': {'a': {'type': 'string'}}, 'required': ['a']},"
            + " {'properties': {'b': {'type': 'boolean'}}}]} | {a*:text b:boolean!}",
        "{'$defs': {'n': {'properties': {'v': {'type': 'integer'}, 'next': {'$ref': '#/$defs/n'}}}},"
            + " '$ref': '#/$defs/n'} | {v:long next:json}",
        "{'properties': {'v': {'type': 'integer'}, 'next': {'$ref': '#'}}} | {v:long next:json}",
        "{'const': {'a': [1, 2], 'b': 'x'}} | {a*:[long!] b*:text!}",
        "{} | json?",
      })
  void isWhatAllValuesHaveInCommon(String schema, String expected) throws Exception {
    assertThat(text(type(schema.replace('\'', '"')))).isEqualTo(expected);
  }

  @Test
  void ofTextsIsText() {
    assertThat(
            text(
                Constraint.type(
                    new ConstraintSpec(ConstraintSpec.Kind.CHOICE, "[\"a\", \"b\"]", false))))
        .isEqualTo("text!");
    assertThat(text(Constraint.type(new ConstraintSpec(ConstraintSpec.Kind.REGEX, "a|b", false))))
        .isEqualTo("text");
  }

  /** Twice the next one at each of 40 levels: as a type it would have 2^40 parts. */
  @Test
  void ofSchemasThatAreTooLargeIsJson() throws Exception {
    StringBuilder definitions = new StringBuilder("\"d40\": {\"type\": \"integer\"}");
    for (int i = 0; i < 40; i++) {
      definitions.append(
          ", \"d%d\": {\"properties\": {\"a\": {\"$ref\": \"#/$defs/d%d\"}, \"b\": {\"$ref\": \"#/$defs/d%d\"}}}"
              .formatted(i, i + 1, i + 1));
    }
    AnswerType type = type("{\"$ref\": \"#/$defs/d0\", \"$defs\": {" + definitions + "}}");
    int depth = 0;
    while (type.kind() == Kind.OBJECT) {
      type = type.members().get(0).type();
      depth++;
    }
    assertThat(type.kind()).isEqualTo(Kind.JSON);
    assertThat(depth).isBetween(1, 39);
  }
}
