package io.github.gptoss.spark.internal.prompts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Conversations as a column of structs. Spark's JSON reader gives a field that is a string in one
 * row and a list in another the type string, and the list becomes its JSON text. So in a column of
 * structs a {@code content} that is the JSON text of a list of content parts is that list: every
 * element is an object whose {@code type} is one that OpenAI's APIs give a part. Message JSON,
 * where strings and lists can be told apart, is never changed.
 */
public final class MessageList {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ROLE = "role";
  private static final String CONTENT = "content";
  private static final Set<String> PART_TYPES =
      Set.of(
          "text",
          "input_text",
          "output_text",
          "refusal",
          "image_url",
          "input_image",
          "input_audio",
          "file",
          "input_file");

  private MessageList() {}

  /**
   * Whether a type is that of conversations: an array of structs with role, a string, and content.
   */
  public static boolean isType(DataType type, boolean caseSensitive) {
    StructType message = message(type);
    return message != null
        && hasType(field(message, ROLE, caseSensitive), StringType.class)
        && field(message, CONTENT, caseSensitive) != null;
  }

  /** Whether such a type's contents are strings, which may stand for lists of parts. */
  public static boolean hasTextContent(DataType type, boolean caseSensitive) {
    return hasType(field(message(type), CONTENT, caseSensitive), StringType.class);
  }

  /**
   * Puts lists of parts in the place of contents that are their JSON text.
   *
   * @param messages what Spark's to_json makes of such a column's value
   */
  public static String withParts(String messages) {
    if (messages == null || !messages.contains("\"[")) {
      return messages;
    }
    boolean changed = false;
    JsonNode list = parsed(messages);
    for (JsonNode message : list) {
      changed |= message instanceof ObjectNode object && putParts(object);
    }
    return changed ? list.toString() : messages;
  }

  private static boolean putParts(ObjectNode message) {
    boolean changed = false;
    for (Iterator<Map.Entry<String, JsonNode>> fields = message.fields(); fields.hasNext(); ) {
      Map.Entry<String, JsonNode> field = fields.next();
      JsonNode parts = parts(field.getValue());
      if (field.getKey().equalsIgnoreCase(CONTENT) && parts != null) {
        field.setValue(parts);
        changed = true;
      }
    }
    return changed;
  }

  /** The list that a content is the text of, or null. */
  private static JsonNode parts(JsonNode content) {
    if (!content.isTextual() || !content.textValue().startsWith("[")) {
      return null;
    }
    JsonNode list = parsed(content.textValue());
    if (!list.isArray() || list.isEmpty()) {
      return null;
    }
    for (JsonNode part : list) {
      if (!PART_TYPES.contains(part.path("type").asText())) {
        return null;
      }
    }
    return list;
  }

  private static JsonNode parsed(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      return JSON.missingNode(); // a text of another kind
    }
  }

  private static StructType message(DataType type) {
    return type instanceof ArrayType array && array.elementType() instanceof StructType message
        ? message
        : null;
  }

  private static StructField field(StructType message, String name, boolean caseSensitive) {
    for (StructField field : message.fields()) {
      if (caseSensitive ? field.name().equals(name) : field.name().equalsIgnoreCase(name)) {
        return field;
      }
    }
    return null;
  }

  private static boolean hasType(StructField field, Class<? extends DataType> type) {
    return field != null && type.isInstance(field.dataType());
  }
}
