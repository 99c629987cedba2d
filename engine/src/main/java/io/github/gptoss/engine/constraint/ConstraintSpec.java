package io.github.gptoss.engine.constraint;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.gptoss.engine.error.ConstraintException;
import io.github.gptoss.engine.error.ConstraintException.Code;
import io.github.gptoss.engine.json.UntrustedText;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a request says of its answer's form. Equal specifications have equal languages.
 *
 * @param kind how the definition is to be read
 * @param definition a JSON Schema, a regular expression, or a JSON array of choices
 * @param allowsSpaces whether JSON may hold white space between its parts
 */
public record ConstraintSpec(Kind kind, String definition, boolean allowsSpaces) {
  /** How a definition is to be read. */
  public enum Kind {
    JSON_SCHEMA,
    REGEX,
    CHOICE
  }

  private static final int MAX_CHARS = 256 << 10;

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
          .build();

  /** What is wrong with JSON that the reader refuses for its size; its limits are Jackson's. */
  public static final String BEYOND_JSON_LIMITS =
      "is nested more than 1,000 levels deep, or has a number of more than 1,000 digits: make it"
          + " simpler";

  private static final List<String> FORMS = List.of("json", "json_object", "regex", "choice");
  private static final String COMPACT = "disable_any_whitespace";
  private static final String ANY_OBJECT = "{\"type\":\"object\"}";

  /**
   * JSON texts of a schema.
   *
   * @param schema parsed with exact numbers: a double stands for its shortest decimal
   * @throws ConstraintException if the schema is longer than 256 Ki characters, or holds a number
   *     that is not finite
   */
  public static ConstraintSpec ofSchema(JsonNode schema, boolean allowsSpaces) {
    requireFinite(schema);
    String definition = text(schema);
    if (definition.length() > MAX_CHARS) {
      throw new ConstraintException(
          Code.UNSUPPORTED_SCHEMA,
          "schema",
          "",
          String.format(
              "the schema has %,d characters, and at most %,d are compiled. Make it smaller.",
              definition.length(), MAX_CHARS));
    }
    return new ConstraintSpec(Kind.JSON_SCHEMA, definition, allowsSpaces);
  }

  private static void requireFinite(JsonNode schema) {
    boolean isReal = schema.isDouble() || schema.isFloat();
    if (isReal && !Double.isFinite(schema.doubleValue())) {
      throw new ConstraintException(
          Code.INVALID_SCHEMA,
          "schema",
          "",
          "the schema holds NaN or an infinite number, which JSON has not. Mend the schema.");
    }
    schema.forEach(ConstraintSpec::requireFinite);
  }

  /**
   * What a request asks for.
   *
   * @param responseFormat OpenAI's {@code response_format} or {@code text.format}; may be null
   * @param structuredOutputs vLLM's {@code structured_outputs}; may be null
   * @return empty if the answer may have any form
   * @throws ConstraintException {@code invalid_request} if one of them is wrong, or both constrain
   */
  public static Optional<ConstraintSpec> of(JsonNode responseFormat, JsonNode structuredOutputs) {
    Optional<ConstraintSpec> format =
        isAbsent(responseFormat) ? Optional.empty() : ofResponseFormat(responseFormat);
    if (isAbsent(structuredOutputs)) {
      return format;
    }
    if (format.isPresent()) {
      throw invalid(
          "structured_outputs",
          "is given together with a response_format other than text: give one of them");
    }
    return Optional.of(ofStructuredOutputs(structuredOutputs));
  }

  private static boolean isAbsent(JsonNode node) {
    return node == null || node.isNull() || node.isMissingNode();
  }

  private static Optional<ConstraintSpec> ofResponseFormat(JsonNode format) {
    if (!format.isObject()) {
      throw invalid("response_format", "has to be an object with a type");
    }
    switch (format.path("type").asText()) {
      case "text":
        return Optional.empty();
      case "json_object":
        return Optional.of(new ConstraintSpec(Kind.JSON_SCHEMA, ANY_OBJECT, true));
      case "json_schema":
        // The Responses API has the same fields one level higher.
        JsonNode holder = format.has("json_schema") ? format.get("json_schema") : format;
        if (!holder.path("name").isTextual()) {
          throw invalid("name", "has to be a string in json_schema");
        }
        JsonNode schema = holder.path("schema");
        if (!schema.isObject() && !schema.isBoolean()) {
          throw invalid("schema", "has to be a JSON Schema in json_schema");
        }
        return Optional.of(ofSchema(schema, true));
      default:
        throw invalid("type", "of response_format has to be text, json_object or json_schema");
    }
  }

  private static ConstraintSpec ofStructuredOutputs(JsonNode outputs) {
    if (!outputs.isObject()) {
      throw invalid("structured_outputs", "has to be an object");
    }
    Set<String> given = new LinkedHashSet<>();
    for (Iterator<String> keys = outputs.fieldNames(); keys.hasNext(); ) {
      String key = keys.next();
      if (FORMS.contains(key)) {
        if (!outputs.get(key).isNull()) {
          given.add(key);
        }
      } else if (!key.equals(COMPACT)) {
        throw invalid(
            UntrustedText.oneLine(key),
            "is not served in structured_outputs: use json, json_object, regex or choice");
      }
    }
    if (given.size() != 1) {
      throw invalid(
          given.isEmpty() ? "structured_outputs" : String.join(" and ", given),
          "has to be exactly one of json, json_object, regex and choice");
    }
    JsonNode compact = outputs.path(COMPACT);
    if (!isAbsent(compact) && !compact.isBoolean()) {
      throw invalid(COMPACT, "has to be true or false");
    }
    String form = given.iterator().next();
    JsonNode definition = outputs.get(form);
    boolean allowsSpaces = !compact.asBoolean();
    return switch (form) {
      case "json" -> ofSchema(schema(definition), allowsSpaces);
      case "json_object" -> {
        if (!definition.isBoolean() || !definition.booleanValue()) {
          throw invalid(form, "has to be true where it is given");
        }
        yield new ConstraintSpec(Kind.JSON_SCHEMA, ANY_OBJECT, allowsSpaces);
      }
      case "regex" -> {
        if (!definition.isTextual()) {
          throw invalid(form, "has to be a string");
        }
        yield new ConstraintSpec(Kind.REGEX, definition.textValue(), false);
      }
      default -> ofChoice(definition);
    };
  }

  /** A schema, which may be given as its text. */
  private static JsonNode schema(JsonNode definition) {
    JsonNode schema = definition.isTextual() ? parsed(definition.textValue()) : definition;
    if (!schema.isObject() && !schema.isBoolean()) {
      throw invalid("json", "has to be a JSON Schema or the text of one");
    }
    return schema;
  }

  private static ConstraintSpec ofChoice(JsonNode choices) {
    boolean isValid = choices.isArray() && !choices.isEmpty();
    for (JsonNode choice : choices) {
      isValid &= choice.isTextual() && !choice.textValue().isEmpty();
    }
    if (!isValid) {
      throw invalid("choice", "has to be a non-empty array of non-empty strings");
    }
    return new ConstraintSpec(Kind.CHOICE, text(choices), false);
  }

  private static ConstraintException invalid(String parameter, String problem) {
    return new ConstraintException(
        Code.INVALID_REQUEST, parameter, "", parameter + " " + problem + ".");
  }

  /** The definition as JSON. */
  public JsonNode json() {
    return parsed(definition);
  }

  private static JsonNode parsed(String json) {
    try {
      return MAPPER.readTree(json);
    } catch (StreamConstraintsException e) {
      throw invalid("json", BEYOND_JSON_LIMITS);
    } catch (JsonProcessingException e) {
      throw invalid("json", "is no JSON text, or has a key twice");
    }
  }

  private static String text(JsonNode json) {
    try {
      return MAPPER.writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
