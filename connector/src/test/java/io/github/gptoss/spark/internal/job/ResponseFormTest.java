package io.github.gptoss.spark.internal.job;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResponseFormTest {
  private static final String SCHEMA =
      """
      {"type": "json_schema", "json_schema": {"name": "ticket", "schema": {
        "type": "object",
        "properties": {
          "queue": {"enum": ["billing", "other"]},
          "priority": {"type": "integer"},
          "tags": {"type": "array", "items": {"type": "string"}},
          "note": {"anyOf": [{"type": "null"}, {"type": "string"}]},
          "version": {"const": 1}},
        "required": ["queue"],
        "additionalProperties": false}}}
      """;

  @Test
  void anyAnswerFitsWhereNoFormIsAskedFor() {
    assertThat(ResponseForm.of(null).fits("x")).isTrue();
    assertThat(ResponseForm.of("{\"type\": \"text\"}").fits("x")).isTrue();
  }

  @Test
  void aJsonObjectIsAllOfTheAnswer() {
    ResponseForm form = ResponseForm.of("{\"type\": \"json_object\"}");
    assertThat(form.fits(" {\"a\": 1} ")).isTrue();
    assertThat(form.fits("[1]")).isFalse();
    assertThat(form.fits("{\"a\": 1} or so")).isFalse();
    assertThat(form.fits("{\"a\"")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{\"queue\": \"billing\"} | true",
        "{\"queue\": \"billing\", \"priority\": 2.0, \"tags\": [], \"note\": null} | true",
        "{\"queue\": \"billing\", \"version\": 1} | true",
        "{\"queue\": \"billing\", \"version\": 2} | false",
        "{\"queue\": \"sales\"} | false",
        "{} | false",
        "{\"queue\": \"other\", \"priority\": 2.5} | false",
        "{\"queue\": \"other\", \"tags\": [\"a\", 1]} | false",
        "{\"queue\": \"other\", \"note\": 1} | false",
        "{\"queue\": \"other\", \"more\": 1} | false",
        "\"billing\" | false",
        "billing | false",
      })
  void aJsonSchemaIsChecked(String answer, boolean fits) {
    assertThat(ResponseForm.of(SCHEMA).fits(answer)).isEqualTo(fits);
  }
}
