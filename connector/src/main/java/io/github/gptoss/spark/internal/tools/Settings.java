package io.github.gptoss.spark.internal.tools;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A JSON object within an option of tools. What is wrong is an {@link
 * io.github.gptoss.engine.error.InvalidConfigException} that names the place and quotes no value.
 *
 * @param where for instance {@code tool_lookup.get_weather}
 */
record Settings(String where, ObjectNode json) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The option's value; null where it is not set. */
  static Settings of(OptionValues options, OptionKey key) {
    String text = options.text(key);
    if (text == null || text.isBlank()) {
      return null;
    }
    try {
      if (JSON.readTree(text) instanceof ObjectNode object) {
        return new Settings(key.optionName(), object);
      }
    } catch (JsonProcessingException e) {
      // Told below: Jackson's message may quote a secret.
    }
    throw ToolErrors.notJson(key.optionName());
  }

  /** The objects in this one, by their names. */
  Map<String, Settings> objects() {
    Map<String, Settings> objects = new LinkedHashMap<>();
    json.fields()
        .forEachRemaining(
            field -> {
              String place = where + "." + field.getKey();
              if (!(field.getValue() instanceof ObjectNode object)) {
                throw ToolErrors.setting(place, "a JSON object");
              }
              objects.put(field.getKey(), new Settings(place, object));
            });
    return objects;
  }

  Settings allow(String... names) {
    List<String> known = List.of(names);
    json.fieldNames()
        .forEachRemaining(
            name -> {
              if (!known.contains(name)) {
                throw ToolErrors.unknown(where, name, known);
              }
            });
    return this;
  }

  boolean has(String name) {
    return json.hasNonNull(name);
  }

  String text(String name, String what) {
    if (!has(name)) {
      throw ToolErrors.missing(where, name, what);
    }
    JsonNode value = json.get(name);
    if (!value.isTextual() || value.textValue().isBlank()) {
      throw ToolErrors.setting(where + "." + name, what);
    }
    return value.textValue();
  }

  String textOr(String name, String otherwise) {
    return has(name) ? text(name, "a string") : otherwise;
  }

  /** One string or a list of them. */
  List<String> texts(String name, String what) {
    if (!has(name)) {
      throw ToolErrors.missing(where, name, what);
    }
    JsonNode value = json.get(name);
    List<String> texts = new ArrayList<>();
    for (JsonNode element : value.isArray() ? value : JSON.createArrayNode().add(value)) {
      if (!element.isTextual() || element.textValue().isEmpty()) {
        throw ToolErrors.setting(where + "." + name, what);
      }
      texts.add(element.textValue());
    }
    if (texts.isEmpty()) {
      throw ToolErrors.setting(where + "." + name, what);
    }
    return List.copyOf(texts);
  }

  /** Strings by name; empty where there are none. */
  Map<String, String> textsByName(String name) {
    Map<String, String> texts = new LinkedHashMap<>();
    if (has(name)) {
      String place = where + "." + name;
      if (!json.get(name).isObject()) {
        throw ToolErrors.setting(place, "a JSON object of strings");
      }
      json.get(name)
          .fields()
          .forEachRemaining(
              field -> {
                if (!field.getValue().isTextual()) {
                  throw ToolErrors.setting(place, "a JSON object of strings");
                }
                texts.put(field.getKey(), field.getValue().textValue());
              });
    }
    return texts;
  }

  /** All values as texts: strings as they are, others as JSON. */
  Map<String, String> asTexts() {
    Map<String, String> texts = new LinkedHashMap<>();
    json.fields()
        .forEachRemaining(
            field -> {
              JsonNode value = field.getValue();
              texts.put(field.getKey(), value.isTextual() ? value.textValue() : value.toString());
            });
    return texts;
  }

  int positive(String name, int otherwise, int most) {
    if (!has(name)) {
      return otherwise;
    }
    JsonNode value = json.get(name);
    if (!value.canConvertToInt()
        || !value.isIntegralNumber()
        || value.intValue() < 1
        || value.intValue() > most) {
      throw ToolErrors.setting(where + "." + name, "a whole number from 1 to " + most);
    }
    return value.intValue();
  }
}
