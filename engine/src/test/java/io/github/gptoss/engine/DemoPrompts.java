package io.github.gptoss.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The demo model's conversations, shipped with the examples. */
final class DemoPrompts {
  private DemoPrompts() {}

  static List<JsonNode> read() throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    List<JsonNode> cases = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("../examples/data/demo-prompts.jsonl"))) {
      cases.add(mapper.readTree(line));
    }
    return cases;
  }

  static GenerationRequest.Builder request(JsonNode c) {
    return GenerationRequest.harmony(IntBuffer.wrap(ints(c.get("prompt_tokens"))));
  }

  static int[] ints(JsonNode array) {
    int[] out = new int[array.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = array.get(i).intValue();
    }
    return out;
  }
}
