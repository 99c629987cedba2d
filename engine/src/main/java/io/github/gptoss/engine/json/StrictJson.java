package io.github.gptoss.engine.json;

import static io.github.gptoss.engine.json.FileError.error;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * JSON as strict as a checkpoint needs: duplicate keys and trailing text are errors, and depth,
 * name length and number length are bounded, so that a hostile file costs neither time nor memory.
 */
public final class StrictJson {
  private static final int MAX_DEPTH = 64;
  private static final int MAX_NAME_CHARS = 1_000;
  private static final int MAX_NUMBER_CHARS = 400;

  private static final JsonFactory FACTORY =
      factory()
          .rebuild()
          // Python writes NaN and Infinity as bare words. They are read here so that the caller can
          // name the key that holds one; keys that are not read may hold them.
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .build();

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private StrictJson() {}

  /**
   * A factory of parsers with the bounds of this class. They let duplicate keys pass: Jackson has
   * no exception of its own for them, so those who read tokens throw {@link DuplicateKeyException}.
   */
  public static JsonFactory factory() {
    return JsonFactory.builder()
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(MAX_DEPTH)
                .maxNameLength(MAX_NAME_CHARS)
                .maxNumberLength(MAX_NUMBER_CHARS)
                .build())
        .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
        .build();
  }

  /** The bytes of a file; fails if it is missing, not regular, unreadable or too long. */
  public static byte[] bytes(Path file, int maxBytes) {
    if (!Files.exists(file)) {
      throw error("%s: no such file. Download the checkpoint again, with all its files.", file);
    }
    if (!Files.isRegularFile(file)) {
      throw error(
          "%s: is no regular file, expected a JSON file. Download the checkpoint again.", file);
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(maxBytes + 1);
      if (bytes.length > maxBytes) {
        throw error(
            "%s: has %d bytes, expected at most %d. This is no file of a gpt-oss checkpoint;"
                + " download it again.",
            file, Files.size(file), maxBytes);
      }
      return bytes;
    } catch (AccessDeniedException e) {
      throw error("%s: cannot be read: permission denied. Give this user read access.", file, e);
    } catch (IOException e) {
      throw error("%s: cannot be read: %s. Check the disk and the file.", file, e);
    }
  }

  /** Parses the one JSON object, without duplicate keys, that a file's bytes must be. */
  public static ObjectNode parseObject(Path file, byte[] bytes) {
    try (JsonParser json = FACTORY.createParser(bytes)) {
      JsonToken first = json.nextToken();
      if (first != JsonToken.START_OBJECT) {
        throw error(
            "%s: holds %s, expected a JSON object. Download the file again.",
            file, first == null ? "nothing" : "a JSON " + describe(first));
      }
      ObjectNode object = (ObjectNode) tree(json);
      if (json.nextToken() != null) {
        throw new JsonParseException(json, "text follows the object");
      }
      return object;
    } catch (JsonProcessingException e) {
      throw error(
          "%s: is not valid JSON: %s. The file is damaged or cut short; download it again.",
          file, e);
    } catch (IOException e) {
      throw error("%s: cannot be decoded: %s. Download the file again.", file, e);
    }
  }

  /** The value that begins with the current token. */
  private static JsonNode tree(JsonParser json) throws IOException {
    return switch (json.currentToken()) {
      case START_OBJECT -> {
        ObjectNode object = NODES.objectNode();
        while (json.nextToken() != JsonToken.END_OBJECT) {
          String key = json.currentName();
          json.nextToken();
          if (object.replace(key, tree(json)) != null) {
            throw new DuplicateKeyException(json, key);
          }
        }
        yield object;
      }
      case START_ARRAY -> {
        ArrayNode array = NODES.arrayNode();
        while (json.nextToken() != JsonToken.END_ARRAY) {
          array.add(tree(json));
        }
        yield array;
      }
      case VALUE_STRING -> NODES.textNode(json.getText());
      case VALUE_NUMBER_FLOAT -> NODES.numberNode(json.getDoubleValue());
      case VALUE_NUMBER_INT ->
          switch (json.getNumberType()) {
            case INT -> NODES.numberNode(json.getIntValue());
            case LONG -> NODES.numberNode(json.getLongValue());
            default -> NODES.numberNode(json.getBigIntegerValue());
          };
      case VALUE_TRUE, VALUE_FALSE -> NODES.booleanNode(json.getBooleanValue());
      default -> NODES.nullNode();
    };
  }

  /** What an exception says, on one line and with the place where parsing stopped. */
  public static String reason(IOException exception) {
    if (exception instanceof JsonProcessingException json) {
      JsonLocation at = json.getLocation();
      String place =
          at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
      return problem(json) + place;
    }
    String message = exception.getMessage();
    return message == null ? exception.getClass().getSimpleName() : UntrustedText.oneLine(message);
  }

  /** By the exception's type: Jackson's own words are for those who program it. */
  private static String problem(JsonProcessingException exception) {
    if (exception instanceof DuplicateKeyException duplicate) {
      return "the key " + UntrustedText.quote(duplicate.key()) + " is there twice";
    }
    if (exception instanceof JsonEOFException) {
      return "it ends within a value";
    }
    if (exception instanceof StreamConstraintsException) {
      return "a name or number is too long, or values lie too deep in each other";
    }
    return "unexpected text, or bytes that are not UTF-8";
  }

  private static String describe(JsonToken token) {
    return switch (token) {
      case START_ARRAY -> "array";
      case VALUE_NULL -> "null";
      case VALUE_TRUE, VALUE_FALSE -> "boolean";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "number";
      default -> "string";
    };
  }
}
