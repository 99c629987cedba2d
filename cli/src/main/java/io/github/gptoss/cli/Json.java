package io.github.gptoss.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.RequestError;
import io.github.gptoss.engine.error.ConstraintException;
import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidRequestException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** JSON as the command line reads and writes it. Errors never quote what was read. */
final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                  .build())
          // Python writes NaN and Infinity as bare words; read, the error can name their key.
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          // A schema's numbers are compared exactly.
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
          .build();

  /** The parser has no other sign for this error than its text. */
  private static final Pattern DUPLICATE_KEY =
      Pattern.compile("Duplicate (?:field|Object property) ['\"](.*)['\"]", Pattern.DOTALL);

  private Json() {}

  /**
   * @throws InvalidRequestException {@code invalid_json} unless the text is one JSON object without
   *     duplicate keys
   */
  static ObjectNode object(String text) {
    JsonNode node = node(text);
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw CliErrors.notAnObject(node.isMissingNode() ? "nothing" : typeOf(node));
  }

  /**
   * @throws InvalidRequestException {@code invalid_json}
   */
  static JsonNode node(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (StreamConstraintsException e) {
      throw CliErrors.beyondJsonLimits();
    } catch (JsonProcessingException e) {
      Matcher duplicate = DUPLICATE_KEY.matcher(e.getOriginalMessage());
      if (duplicate.matches()) {
        throw CliErrors.duplicateKey(duplicate.group(1));
      }
      JsonLocation at = e.getLocation();
      throw CliErrors.notJson(at == null ? "" : " at column " + at.getColumnNr());
    }
  }

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  static ArrayNode array(int[] values) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode(values.length);
    for (int value : values) {
      array.add(value);
    }
    return array;
  }

  static ObjectNode error(GptOssException e) {
    if (e instanceof ConstraintException constraint) {
      return error(RequestError.of(constraint));
    }
    String code = e instanceof InvalidRequestException request ? request.code() : "internal_error";
    return error(code, CliErrors.oneLine(e.getMessage()));
  }

  static ObjectNode error(RequestError error) {
    ObjectNode line = error(error.code(), CliErrors.oneLine(error.message()));
    if (error.keyword() != null) {
      line.withObject("/error").put("keyword", error.keyword()).put("path", error.path());
    }
    return line;
  }

  static ObjectNode error(String code, String message) {
    ObjectNode line = object();
    line.putObject("error").put("code", code).put("message", message);
    return line;
  }

  /** The type of a value with its article, for messages. */
  static String typeOf(JsonNode node) {
    return switch (node.getNodeType()) {
      case ARRAY -> "a list";
      case BOOLEAN -> "a boolean";
      case NUMBER -> "a number";
      case OBJECT -> "an object";
      case STRING -> "a string";
      default -> node.getNodeType().name().toLowerCase(Locale.ROOT);
    };
  }

  /** One line, without its line break. */
  static String text(JsonNode node) {
    try {
      return lineSafe(MAPPER.writeValueAsString(node));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Escapes what would break a line of UTF-8: lone surrogates, which have no UTF-8 form, and the
   * line separators of Unicode, at which some readers split. In JSON all of them can only stand in
   * strings, where an escape may.
   */
  private static String lineSafe(String json) {
    StringBuilder escaped = null;
    int copied = 0;
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      if (!Character.isSurrogate(c) && c != '\u0085' && c != '\u2028' && c != '\u2029') {
        continue;
      }
      if (Character.isSupplementaryCodePoint(json.codePointAt(i))) {
        i++;
        continue;
      }
      if (escaped == null) {
        escaped = new StringBuilder(json.length() + 16);
      }
      escaped.append(json, copied, i).append(String.format("\\u%04x", (int) c));
      copied = i + 1;
    }
    return escaped == null ? json : escaped.append(json, copied, json.length()).toString();
  }
}
