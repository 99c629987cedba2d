package io.github.gptoss.spark.internal.source.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/** JSON of batch lines; what is wrong with it is told by its place, never by its text. */
final class BatchJson {
  /** Longer than any line that a model's context could take. */
  private static final int MOST_CHARS_OF_A_STRING = 1 << 28;

  private static final String BYTE_ORDER_MARK = "\uFEFF";

  static final ObjectMapper MAPPER =
      new ObjectMapper(
          JsonFactory.builder()
              .streamReadConstraints(
                  StreamReadConstraints.builder().maxStringLength(MOST_CHARS_OF_A_STRING).build())
              .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
              .build());

  private static final ObjectReader READER =
      MAPPER
          .reader()
          .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          // The numbers of schemas are compared exactly.
          .with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .with(JsonNodeFactory.withExactBigDecimals(true));

  private BatchJson() {}

  /**
   * @throws io.github.gptoss.engine.error.InvalidRequestException {@code invalid_json_line}
   */
  static ObjectNode object(String line, boolean valid) {
    if (!valid) {
      throw BatchErrors.notJson("it is not UTF-8");
    }
    JsonNode node;
    try {
      node = READER.readTree(withoutMark(line));
    } catch (JsonProcessingException e) {
      throw BatchErrors.notJson(
          "it breaks at character "
              + (e.getLocation() == null ? "?" : e.getLocation().getColumnNr()));
    }
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw BatchErrors.notJson("it is another value");
  }

  /** The line's custom_id if the line is an object that is whole and has one that is a string. */
  static String customId(String line) {
    try (JsonParser parser = MAPPER.createParser(withoutMark(line))) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      String id = null;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean found = parser.currentName().equals("custom_id");
        if (parser.nextToken() == JsonToken.VALUE_STRING && found) {
          id = parser.getText();
        }
        parser.skipChildren();
      }
      return parser.nextToken() == null ? id : null;
    } catch (IOException e) {
      // The line is no JSON, which its own error says.
      return null;
    }
  }

  private static String withoutMark(String line) {
    return line.startsWith(BYTE_ORDER_MARK) ? line.substring(1) : line;
  }
}
