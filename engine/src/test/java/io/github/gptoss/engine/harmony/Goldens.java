package io.github.gptoss.engine.harmony;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reads reference results; each line is one case. */
final class Goldens {
  static final ObjectMapper MAPPER = new ObjectMapper();

  private Goldens() {}

  static List<JsonNode> harmony(String file) {
    return resource("/goldens/harmony/" + file);
  }

  static List<JsonNode> resource(String path) {
    try (InputStream in = Goldens.class.getResourceAsStream(path)) {
      return read(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<JsonNode> demoPrompts() {
    try {
      return read(Files.readString(Path.of("../examples/data/demo-prompts.jsonl")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static JsonNode json(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static int[] ids(JsonNode list) {
    return MAPPER.convertValue(list, int[].class);
  }

  private static List<JsonNode> read(String lines) {
    return lines.lines().map(Goldens::json).toList();
  }
}
