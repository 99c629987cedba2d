package io.github.gptoss.engine.constraint;

import static io.github.gptoss.engine.constraint.Schemas.accepts;
import static io.github.gptoss.engine.constraint.Schemas.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.error.ConstraintException;
import io.github.gptoss.engine.error.ConstraintException.Code;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RefusedSchemasTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"type\":\"integer\",\"pattern\":\"(?=a)\"}| UNSUPPORTED_SCHEMA| /pattern",
        "{\"enum\":[1],\"pattern\":\"\\\\bx\"}| UNSUPPORTED_SCHEMA| /pattern",
        "{\"maxLength\":1,\"minLength\":2,\"type\":[\"null\",\"string\"],\"pattern\":\"(\"}"
            + "| INVALID_SCHEMA| /pattern",
        "{\"type\":\"array\",\"patternProperties\":{\"(?!b)\":{}}}| UNSUPPORTED_SCHEMA| /patternProperties"
      })
  void patternsAreRefusedWhateverStandsBesideThem(String schema, Code code, String path) {
    ConstraintException refusal = refusal(schema);
    assertThat(refusal.code()).isEqualTo(code);
    assertThat(refusal.keyword()).isEqualTo("pattern");
    assertThat(refusal.path()).isEqualTo(path);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "type| {\"type\":[\"string\",\"string\"]}",
        "title| {\"title\":1}",
        "description| {\"description\":null}",
        "$comment| {\"$comment\":[]}",
        "$schema| {\"$schema\":true}",
        "$id| {\"$id\":1}",
        "$anchor| {\"$anchor\":\"1a\"}",
        "$defs| {\"$defs\":[]}",
        "definitions| {\"definitions\":\"a\"}",
        "readOnly| {\"readOnly\":\"true\"}",
        "deprecated| {\"deprecated\":1}",
        "examples| {\"examples\":\"a\"}",
        "contentSchema| {\"contentSchema\":1}",
        "contentEncoding| {\"contentEncoding\":1}"
      })
  void whatTheMetaSchemaRejectsIsInvalid(String keyword, String schema) {
    ConstraintException refusal = refusal(schema);
    assertThat(refusal.code()).isEqualTo(Code.INVALID_SCHEMA);
    assertThat(refusal.keyword()).isEqualTo(keyword);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"title\":\"t\",\"description\":\"\",\"default\":1,\"examples\":[1],\"$comment\":\"c\"}",
        "{\"deprecated\":true,\"readOnly\":false,\"writeOnly\":false,\"$anchor\":\"a.b\"}",
        "{\"$id\":\"https://x.y/z\",\"$schema\":\"s\",\"$defs\":{},\"contentSchema\":true}"
      })
  void annotationsSayNothing(String schema) {
    assertThat(accepts(schema, "[1, null]")).isTrue();
  }
}
