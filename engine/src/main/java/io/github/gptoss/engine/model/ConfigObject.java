package io.github.gptoss.engine.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.error.InvalidModelException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** A JSON object of a configuration, with checked access to its values. */
final class ConfigObject {
  private final Path file;
  private final String prefix;
  private final ObjectNode node;
  private final Set<String> defaulted;

  ConfigObject(Path file, ObjectNode node) {
    this(file, "", node, new TreeSet<>());
  }

  private ConfigObject(Path file, String prefix, ObjectNode node, Set<String> defaulted) {
    this.file = file;
    this.prefix = prefix;
    this.node = node;
    this.defaulted = defaulted;
  }

  boolean has(String key) {
    return node.has(key);
  }

  /** The value as it is; a missing node where the key is absent or its value null. */
  JsonNode value(String key) {
    JsonNode value = node.path(key);
    return value.isNull() ? MissingNode.getInstance() : value;
  }

  /** Notes that a key is absent, and what it would say is taken from gpt-oss. */
  void tookDefault(String key) {
    defaulted.add(prefix + key);
  }

  /** Keys for which a default was taken. */
  List<String> defaulted() {
    return List.copyOf(defaulted);
  }

  /** A nested object; empty where the key is absent or its value null. */
  Optional<ConfigObject> object(String key) {
    JsonNode value = value(key);
    if (value.isMissingNode()) {
      return Optional.empty();
    }
    if (value instanceof ObjectNode object) {
      return Optional.of(new ConfigObject(file, prefix + key + ".", object, defaulted));
    }
    throw ConfigErrors.value(file, prefix + key, value, "an object");
  }

  int integer(String key, int min, int max, int fallback) {
    return has(key) ? integer(key, node.get(key), min, max) : byDefault(key, fallback);
  }

  /** As {@link #integer}, under one of two names; both may be there if they agree. */
  int integer(String key, String alias, int min, int max, int fallback) {
    if (!has(alias)) {
      return integer(key, min, max, fallback);
    }
    int value = integer(alias, min, max, fallback);
    if (has(key) && integer(key, min, max, fallback) != value) {
      throw ConfigErrors.disagree(
          file, key, node.get(key).asText(), alias, value, "the same number under both names");
    }
    return value;
  }

  int integer(String key, JsonNode value, int min, int max) {
    if (!value.isIntegralNumber()
        || !value.canConvertToInt()
        || value.intValue() < min
        || value.intValue() > max) {
      throw ConfigErrors.value(file, prefix + key, value, "an integer from " + min + " to " + max);
    }
    return value.intValue();
  }

  float number(String key, NumberRange range, float fallback) {
    return has(key) ? number(key, range) : byDefault(key, fallback);
  }

  /** As above, for a key that transformers itself leaves out: its default is no news. */
  float optional(String key, NumberRange range, float fallback) {
    return has(key) ? number(key, range) : fallback;
  }

  /** As above, for a key that has no safe default. */
  float number(String key, NumberRange range) {
    JsonNode value = node.path(key);
    if (!value.isNumber() || !range.contains(value.doubleValue())) {
      throw ConfigErrors.value(file, prefix + key, value, range.description());
    }
    return (float) value.doubleValue();
  }

  boolean bool(String key, boolean fallback) {
    if (!has(key)) {
      return fallback;
    }
    JsonNode value = node.get(key);
    if (!value.isBoolean()) {
      throw ConfigErrors.value(file, prefix + key, value, "true or false");
    }
    return value.booleanValue();
  }

  String string(String key, String fallback) {
    JsonNode value = value(key);
    if (value.isMissingNode()) {
      return fallback;
    }
    if (!value.isTextual()) {
      throw ConfigErrors.value(file, prefix + key, value, "a string");
    }
    return value.textValue();
  }

  /** Token ids: absent or null for none, one integer, or an array of them. */
  List<Integer> tokenIds(String key, int vocabSize) {
    JsonNode value = value(key);
    List<Integer> ids = new ArrayList<>();
    if (value.isArray()) {
      value.forEach(id -> ids.add(integer(key, id, 0, vocabSize - 1)));
    } else if (!value.isMissingNode()) {
      ids.add(integer(key, value, 0, vocabSize - 1));
    }
    return ids;
  }

  /** The error for a value that is well formed but not of a model that this engine computes. */
  InvalidModelException unsupported(String key, String supported) {
    return ConfigErrors.unsupported(file, prefix + key, value(key), supported);
  }

  private <T> T byDefault(String key, T fallback) {
    tookDefault(key);
    return fallback;
  }
}
