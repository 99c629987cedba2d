package io.github.gptoss.spark.internal.parsed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.spark.internal.options.OptionValues;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ParsedTypeTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static ParsedType type(String format, String... options) {
    Map<String, String> values = new HashMap<>(Map.of("model", "demo", "response_format", format));
    for (int i = 0; i < options.length; i += 2) {
      values.put(options[i], options[i + 1]);
    }
    return AnswerForm.parsedType(OptionValues.resolve(values, Map.of()));
  }

  private static String format(String schema) {
    return "{\"type\": \"json_schema\", \"json_schema\": {\"name\": \"n\", \"schema\": "
        + schema.replace('\'', '"')
        + "}}";
  }

  /** As a collected row shows it. */
  private static String read(ParsedType type, String answer) {
    Object value = type.value(UTF8String.fromString(answer.replace('\'', '"')));
    return String.valueOf(CatalystTypeConverters.convertToScala(value, type.type()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "struct<at: timestamp> | {'at': '2026-01-02T04:04:05+01:00'} | {'at':'2026-01-02T03:04:05.000Z'} | true",
        "struct<at: timestamp> | {'at': '2026-01-02T03:04:05Z'} | {'at': '2026-01-02T03:04:06Z'} | false",
        "struct<a: bigint, x: double> | {'a': 1, 'x': 100} | {'x': 1e2, 'a': 1.0} | true",
        "struct<x: double> | {'x': 0.1} | {'x': 0.1000000000000000000001} | true",
        "struct<x: float> | {'x': 0.1} | {'x': 0.2} | false",
        "array<map<string,int>> | [{'a': 1, 'b': 2}] | [{'b':2,'a':1}] | true",
        "array<string> | ['a', 'b'] | ['b', 'a'] | false",
      })
  void answersAreEqualAsTheirColumnIs(String format, String a, String b, boolean areEqual) {
    ParsedType type = type(format);
    Object left = type.comparable(a.replace('\'', '"'), true);
    Object right = type.comparable(b.replace('\'', '"'), true);
    assertThat(left.equals(right)).isEqualTo(areEqual);
    assertThat(left.hashCode() == right.hashCode()).isEqualTo(areEqual);
  }

  /** The table of docs/structured-outputs.md. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'type': 'boolean'} | BOOLEAN | true | true",
        "{'type': ['boolean', 'null']} | BOOLEAN | null | null",
        "{'type': 'integer'} | BIGINT | -9223372036854775808 | -9223372036854775808",
        "{'type': 'integer', 'maximum': 1e30} | DECIMAL(38,0) | 12345678901234567890"
            + " | 12345678901234567890",
        "{'type': 'integer', 'maximum': 1e40} | STRING | 10 | 10",
        "{'type': 'number'} | DOUBLE | 1e3 | 1000.0",
        "{'type': 'string'} | STRING | 'a\\u0062\\n' | ab\\n",
        "{'enum': ['a', 'b']} | STRING | 'a' | a",
        "{'enum': [1, 'a']} | STRING | 'a' | 'a'",
        "{'type': 'string', 'format': 'date'} | STRING | '2024-01-01' | 2024-01-01",
        "{'type': 'array', 'items': {'type': 'integer'}} | ARRAY<BIGINT> | [1, 2] | ArraySeq(1, 2)",
        "{'type': 'object'} | MAP<STRING, STRING> | {'a': {'b': 1}, 'c': 'd', 'e': null}"
            + " | Map(a -> {'b':1}, c -> 'd', e -> null)",
        "{'properties': {'b': {'type': 'integer'}, 'a': {'type': 'string'}}, 'required': ['b']}"
            + " | STRUCT<b: BIGINT NOT NULL, a: STRING> | {'b': 2} | [2,null]",
        "{'properties': {'a': {'type': 'string'}, 'A': {'type': 'string'}}} | STRING"
            + " | {'A': 'x'} | {'A':'x'}",
        "{'type': 'object', 'properties': {'a': false}} | STRING | {} | {}",
        "{'anyOf': [{'type': 'integer'}, {'type': 'string'}]} | STRING | 'x' | 'x'",
        "{'type': 'array', 'items': {'anyOf': [{'type': 'integer'}, {'type': 'string'}]}}"
            + " | ARRAY<STRING> | [1, 'x'] | ArraySeq(1, 'x')",
      })
  void followsFromTheSchema(String schema, String type, String answer, String value) {
    ParsedType parsed = type(format(schema));
    assertThat(parsed.type().sql()).isEqualTo(type);
    assertThat(read(parsed, answer).replace('"', '\'')).isEqualTo(value.replace("\\n", "\n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "struct<category:string,urgency:int> | {'category': 'a', 'urgency': null} | [a,null]",
        "struct<a:string not null> | {'a': 'x'} | [x]",
        "category string, urgency int | {'category': 'a', 'urgency': 3} | [a,3]",
        "array<tinyint> | [127, -128] | ArraySeq(127, -128)",
        "map<string,boolean> | {'a': true} | Map(a -> true)",
        "smallint | -32768 | -32768",
        "bigint | 7 | 7",
        "float | 1.5 | 1.5",
        "double | -0.25 | -0.25",
        "decimal(5,2) | 999.99 | 999.99",
        "date | '2024-02-29' | 2024-02-29",
        "timestamp | '2024-02-29T12:00:00.123456789+01:00' | 2024-02-29 11:00:00.123456",
        "timestamp | '0001-01-01T00:00:00Z' | 0001-01-01 00:00:00.0",
        "timestamp | '9999-12-31T23:59:59.999999999Z' | 9999-12-31 23:59:59.999999",
        "timestamp | '2024-02-29T12:00:00-23:59' | 2024-03-01 11:59:00.0",
        "timestamp | '2024-02-29T12:00:00+18:30' | 2024-02-28 17:30:00.0",
      })
  void isTheTypeThatIsGiven(String ddl, String answer, String value) {
    ParsedType parsed = type(ddl);
    assertThat(read(parsed, answer)).isEqualTo(value);
  }

  @Test
  void givenTypesAreSchemas() throws Exception {
    DeclaredType declared =
        DeclaredType.of(
            "struct<category:string not null comment 'what it is about',urgency:tinyint,"
                + "price:decimal(4,2),tags:array<string>>");
    assertThat(JSON.readTree(declared.schema().toString()))
        .isEqualTo(
            JSON.readTree(
                """
                {"type": "object",
                 "properties": {
                   "category": {"type": "string", "description": "what it is about"},
                   "urgency": {"type": ["integer", "null"], "minimum": -128, "maximum": 127},
                   "price": {"type": ["number", "null"], "multipleOf": 0.01, "minimum": -99.99,
                     "maximum": 99.99},
                   "tags": {"type": ["array", "null"], "items": {"type": "string"}}},
                 "required": ["category", "urgency", "price", "tags"],
                 "additionalProperties": false}
                """));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "struct<a:int,A:int>",
        "struct<>",
        "binary",
        "struct<a:interval day to second>",
        "map<int,string>",
        "timestamp_ntz",
        "no type",
        "decimal(39,0)",
        "struct<a:int",
      })
  void typesThatNoJsonStandsForAreRefused(String ddl) {
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> type(ddl))
        .withMessageContaining("response_format");
  }

  @Test
  void isTextWhereRowsMayDiffer() {
    String format = format("{'type': 'integer'}");
    assertThat(type(format).type().sql()).isEqualTo("BIGINT");
    assertThat(type(format, "response_format_col", "f")).isEqualTo(ParsedType.TEXT);
    assertThat(type(format, "structured_outputs_col", "f")).isEqualTo(ParsedType.TEXT);
    assertThat(type(format, "request_col", "f")).isEqualTo(ParsedType.TEXT);
    assertThat(type(format, "parsed_type", "string")).isEqualTo(ParsedType.TEXT);
    assertThat(type(format, "parsed_type", "variant")).isEqualTo(ParsedType.VARIANT);
    assertThat(type("{\"type\": \"text\"}")).isEqualTo(ParsedType.TEXT);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'type': 'integer'} | 9223372036854775808 | BIGINT",
        "float | 1e39 | FLOAT",
        "float | -1e39 | FLOAT",
        "timestamp | '0001-01-01T00:00:00+00:01' | TIMESTAMP",
        "timestamp | '9999-12-31T23:59:59-00:01' | TIMESTAMP",
      })
  void valuesBeyondTheTypeAreToldOf(String form, String answer, String named) {
    ParsedType type = type(form.startsWith("{") ? format(form) : form);
    assertThatExceptionOfType(ParsedRangeException.class)
        .isThrownBy(() -> type.value(UTF8String.fromString(answer.replace('\'', '"'))))
        .withMessageContaining(named);
  }

  @Test
  void variantsOfTextsAreTexts() {
    ParsedType choice =
        type(
            "{\"type\": \"text\"}",
            "structured_outputs",
            "{\"choice\": [\"yes\", \"1\"]}",
            "parsed_type",
            "variant");
    assertThat(read(choice, "yes")).isEqualTo("'yes'".replace('\'', '"'));
    assertThat(read(choice, "1")).isEqualTo("\"1\"");
    ParsedType any = type(format("true"), "structured_outputs_col", "f", "parsed_type", "variant");
    assertThat(read(any, "yes 1")).isEqualTo("\"yes 1\"");
    assertThat(read(any, "1 yes")).isEqualTo("\"1 yes\"");
    assertThat(read(any, "{'a': 1}")).isEqualTo("{\"a\":1}");
  }

  @Test
  void typesMayBeQuotedAndAreNotDeep() {
    assertThat(type("`a b` int").type().sql()).isEqualTo("STRUCT<`a b`: INT>");
    assertThat(type("struct<a:int comment '" + "<".repeat(300) + "'>").type().sql()).isNotNull();
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> type("array<".repeat(3_000) + "int" + ">".repeat(3_000)))
        .withMessageContaining("200");
  }

  /** A model may write zeros behind the point, or a name, until its tokens end. */
  @Test
  void longNumbersAndNamesAreRead() {
    String number = "0." + "0".repeat(2_000);
    assertThat(read(type(format("{'type': 'number', 'minimum': 0}")), number)).isEqualTo("0.0");
    String answer = "{'" + "n".repeat(60_000) + "': " + number + "}";
    for (ParsedType type :
        List.of(
            type(format("{'type': 'object'}")),
            type(format("{'type': 'object'}"), "parsed_type", "variant"))) {
      assertThat(read(type, answer)).hasSizeGreaterThan(60_000);
    }
  }
}
