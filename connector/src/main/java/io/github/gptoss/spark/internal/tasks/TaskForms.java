package io.github.gptoss.spark.internal.tasks;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.spark.internal.options.OptionKey;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The form of a task's answers, as the option that says it. */
public final class TaskForms {
  /** Which options say forms, and so belong to the task. */
  public static final Set<OptionKey> OPTIONS =
      Set.of(OptionKey.RESPONSE_FORMAT, OptionKey.STRUCTURED_OUTPUTS);

  /** The fields of a part of a text that {@code gptoss_mask} replaces. */
  static final String LABEL = "label";

  static final String TEXT = "text";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .build();

  private static final List<String> SENTIMENTS =
      List.of("positive", "negative", "neutral", "mixed");

  private TaskForms() {}

  /**
   * The option and its value; none for a task whose answer is any text.
   *
   * @throws io.github.gptoss.spark.internal.options.CallException if a schema begins like JSON and
   *     is none
   */
  public static Map<OptionKey, String> of(TaskCall call) {
    return switch (call.task()) {
      case CLASSIFY ->
          call.isMultiLabel()
              ? json(array(texts(call.labels().texts())).put("uniqueItems", true))
              : choice(call.labels().texts());
      case EXTRACT -> Map.of(OptionKey.RESPONSE_FORMAT, responseFormat(call));
      case SUMMARIZE, TRANSLATE, FIX_GRAMMAR, GEN, AGG, SUMMARIZE_AGG -> Map.of();
      case SENTIMENT ->
          call.labels() == null
              ? choice(SENTIMENTS)
              : json(object(call.labels().texts(), texts(SENTIMENTS)));
      case MASK -> json(array(part(call.labels().texts())));
      case FILTER -> json(JSON.createObjectNode().put("type", "boolean"));
    };
  }

  private static String responseFormat(TaskCall call) {
    if (call.schema() == null) {
      ObjectNode name = JSON.createObjectNode();
      name.putArray("type").add("string").add("null");
      return wrapped(object(call.labels().texts(), name).toString());
    }
    String schema = call.schema().strip();
    if (!schema.startsWith("{")) {
      return schema; // a type of Spark's, or what the option refuses
    }
    JsonNode json;
    try {
      json = JSON.readTree(schema);
    } catch (StreamConstraintsException e) {
      return wrapped(schema); // refused with its reason, as any form of an answer
    } catch (JsonProcessingException e) {
      throw TaskErrors.schemaIsNoJson(call.function());
    }
    boolean isFormat = json.path("type").asText().startsWith("json_");
    return isFormat ? schema : wrapped(schema);
  }

  /** OpenAI's form of a schema, whose text stays as it is. */
  private static String wrapped(String schema) {
    return "{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"extract\",\"schema\":"
        + schema
        + "}}";
  }

  private static Map<OptionKey, String> choice(List<String> texts) {
    ObjectNode outputs = JSON.createObjectNode();
    outputs.set("choice", strings(texts));
    return Map.of(OptionKey.STRUCTURED_OUTPUTS, outputs.toString());
  }

  private static Map<OptionKey, String> json(ObjectNode schema) {
    ObjectNode outputs = JSON.createObjectNode();
    outputs.set("json", schema);
    return Map.of(OptionKey.STRUCTURED_OUTPUTS, outputs.toString());
  }

  private static ObjectNode texts(List<String> texts) {
    ObjectNode schema = JSON.createObjectNode();
    schema.set("enum", strings(texts));
    return schema;
  }

  private static ObjectNode array(ObjectNode items) {
    ObjectNode schema = JSON.createObjectNode().put("type", "array");
    schema.set("items", items);
    return schema;
  }

  private static ObjectNode part(List<String> labels) {
    ObjectNode schema = object(List.of(LABEL, TEXT), texts(labels));
    schema
        .withObject("properties")
        .set(TEXT, JSON.createObjectNode().put("type", "string").put("minLength", 1));
    return schema;
  }

  /** A closed object with all of these members, each of the same schema. */
  private static ObjectNode object(List<String> names, ObjectNode member) {
    ObjectNode schema = JSON.createObjectNode().put("type", "object");
    ObjectNode properties = schema.putObject("properties");
    names.forEach(name -> properties.set(name, member));
    schema.set("required", strings(names));
    return schema.put("additionalProperties", false);
  }

  /** The texts as JSON. */
  static String jsonArray(List<String> texts) {
    return strings(texts).toString();
  }

  private static ArrayNode strings(List<String> texts) {
    ArrayNode array = JSON.createArrayNode();
    texts.forEach(array::add);
    return array;
  }
}
