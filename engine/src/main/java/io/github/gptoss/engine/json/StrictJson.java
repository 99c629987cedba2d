package io.github.gptoss.engine.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.error.InvalidModelException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * JSON as strict as a checkpoint needs: duplicate keys and trailing text are errors, and depth,
 * name length and number length are bounded, so that a hostile file costs neither time nor memory.
 */
public final class StrictJson {
  private static final int MAX_DEPTH = 64;
  private static final int MAX_NAME_CHARS = 1_000;
  private static final int MAX_NUMBER_CHARS = 400;

  /** What the parser adds for those who program it, not for those who own the file. */
  private static final Pattern PARSER_TALK =
      Pattern.compile(
          "(?s)(:? was)?(:? expected a valid value| expecting)? "
              + "\\((for |start marker|of type|bound as|JSON String|[0-9]+, from ).*");

  private static final ObjectReader OBJECTS =
      JsonMapper.builder(factory())
          // Python writes NaN and Infinity as bare words. They are read here so that the caller can
          // name the key that holds one; keys that nobody reads may hold them.
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build()
          .readerFor(JsonNode.class);

  private StrictJson() {}

  /** A factory of parsers with the bounds of this class. */
  public static JsonFactory factory() {
    return JsonFactory.builder()
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(MAX_DEPTH)
                .maxNameLength(MAX_NAME_CHARS)
                .maxNumberLength(MAX_NUMBER_CHARS)
                .build())
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
        .build();
  }

  /**
   * The bytes of a small regular file.
   *
   * @throws InvalidModelException if it is missing, no regular file, unreadable or longer than
   *     {@code maxBytes}
   */
  public static byte[] bytes(Path file, int maxBytes) {
    if (!Files.exists(file)) {
      throw new InvalidModelException(
          UntrustedText.oneLine(file)
              + ": no such file. Download the checkpoint again, with all its files.");
    }
    if (!Files.isRegularFile(file)) {
      throw new InvalidModelException(
          UntrustedText.oneLine(file)
              + ": is no regular file, expected a JSON file. Download the checkpoint again.");
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(maxBytes + 1);
      if (bytes.length > maxBytes) {
        throw new InvalidModelException(
            UntrustedText.oneLine(file)
                + ": has "
                + Files.size(file)
                + " bytes, expected at most "
                + maxBytes
                + ". This is no file of a gpt-oss checkpoint; download it again.");
      }
      return bytes;
    } catch (AccessDeniedException e) {
      throw new InvalidModelException(
          UntrustedText.oneLine(file)
              + ": cannot be read: permission denied. Give this user read access.",
          e);
    } catch (IOException e) {
      throw new InvalidModelException(
          UntrustedText.oneLine(file)
              + ": cannot be read: "
              + reason(e)
              + ". Check the disk and the file.",
          e);
    }
  }

  /**
   * Parses a JSON object.
   *
   * @param file where the bytes come from, for messages
   * @throws InvalidModelException if the bytes are not one JSON object without duplicate keys
   */
  public static ObjectNode parseObject(Path file, byte[] bytes) {
    JsonNode node;
    try {
      node = OBJECTS.readTree(bytes);
    } catch (JsonProcessingException e) {
      throw new InvalidModelException(
          UntrustedText.oneLine(file)
              + ": is not valid JSON: "
              + reason(e)
              + ". The file is damaged or cut short; download it again.",
          e);
    } catch (IOException e) {
      throw new InvalidModelException(
          UntrustedText.oneLine(file)
              + ": cannot be decoded: "
              + reason(e)
              + ". Download the file again.",
          e);
    }
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw new InvalidModelException(
        UntrustedText.oneLine(file)
            + ": holds "
            + (node.isMissingNode() ? "nothing" : "a JSON " + describe(node))
            + ", expected a JSON object. Download the file again.");
  }

  /** What an exception says, on one line and with the place where parsing stopped. */
  public static String reason(IOException exception) {
    if (exception instanceof JsonProcessingException json) {
      String place =
          json.getLocation() == null
              ? ""
              : " at line "
                  + json.getLocation().getLineNr()
                  + ", column "
                  + json.getLocation().getColumnNr();
      String message = PARSER_TALK.matcher(json.getOriginalMessage()).replaceFirst("");
      return UntrustedText.oneLine(message) + place;
    }
    String message = exception.getMessage();
    return message == null ? exception.getClass().getSimpleName() : UntrustedText.oneLine(message);
  }

  private static String describe(JsonNode node) {
    return switch (node.getNodeType()) {
      case ARRAY -> "array";
      case NULL -> "null";
      case BOOLEAN -> "boolean";
      case NUMBER -> "number";
      case STRING -> "string";
      default -> "value";
    };
  }
}
