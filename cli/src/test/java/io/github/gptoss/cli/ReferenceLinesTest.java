package io.github.gptoss.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The commands that need no model, over every reference case, by their JSON lines. */
class ReferenceLinesTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static List<JsonNode> answers(List<JsonNode> cases, String command, String... keys) {
    String input =
        cases.stream()
            .map(c -> MAPPER.valueToTree(c).deepCopy())
            .map(c -> ((ObjectNode) c).retain(keys) + "\n")
            .collect(Collectors.joining());
    Cli.Result result = Cli.run(input, command, "--jsonl");
    assertThat(result.err()).isEmpty();
    assertThat(result.status()).isZero();
    assertThat(result.lines()).hasSameSizeAs(cases);
    return result.lines();
  }

  @Test
  void tokenizesAndDetokenizes() {
    List<JsonNode> cases = Cli.golden("harmony/tokens.jsonl");
    List<JsonNode> ids = answers(cases, "tokenize", "text");
    List<JsonNode> texts = answers(cases, "detokenize", "ids");
    for (int i = 0; i < cases.size(); i++) {
      assertThat(ids.get(i).get("ids")).isEqualTo(cases.get(i).get("ids"));
      assertThat(texts.get(i).get("text")).isEqualTo(cases.get(i).get("text"));
    }
  }

  @Test
  void renders() {
    List<JsonNode> cases = Cli.golden("harmony/render.jsonl");
    List<JsonNode> answers = answers(cases, "render", "messages", "auto_drop_analysis");
    for (int i = 0; i < cases.size(); i++) {
      ObjectNode expected =
          ((ObjectNode) cases.get(i).deepCopy()).retain("completion", "conversation", "training");
      assertThat(answers.get(i)).as(cases.get(i).get("name").asText()).isEqualTo(expected);
    }
  }

  @Test
  void parses() {
    List<JsonNode> cases = Cli.golden("harmony/parse.jsonl");
    List<JsonNode> answers = answers(cases, "parse", "tokens", "role", "strict");
    for (int i = 0; i < cases.size(); i++) {
      JsonNode expected = cases.get(i);
      assertThat(answers.get(i).get("messages"))
          .as(expected.get("name").asText())
          .isEqualTo(expected.get("messages"));
      assertThat(answers.get(i).has("error")).isEqualTo(expected.has("error"));
    }
  }

  @Test
  void parsesCompletions() {
    List<JsonNode> cases = Cli.golden("../completions/completions.jsonl");
    List<JsonNode> lines = new ArrayList<>();
    for (JsonNode line : cases) {
      lines.add(line.<ObjectNode>deepCopy().put("completion", true));
    }
    List<JsonNode> answers = answers(lines, "parse", "tokens", "completion");
    for (int i = 0; i < cases.size(); i++) {
      JsonNode completion = answers.get(i).get("completion");
      List<String> keys = new ArrayList<>();
      completion.fieldNames().forEachRemaining(keys::add);
      assertThat(keys)
          .containsExactly("response", "reasoning", "commentary", "tool_calls", "salvaged");
      JsonNode expected = cases.get(i).get("expected").get("response");
      if (expected != null) {
        assertThat(completion.get("response")).isEqualTo(expected);
      }
      assertThat(answers.get(i).has("messages")).isTrue();
    }
  }

  @Test
  void computesDistributions() {
    List<JsonNode> cases = Cli.golden("sampling.jsonl");
    List<JsonNode> answers = answers(cases, "distribution", "logits", "prompt", "output", "params");
    for (int i = 0; i < cases.size(); i++) {
      JsonNode expected = cases.get(i).get("probs");
      JsonNode actual = answers.get(i).get("probs");
      assertThat(actual).hasSameSizeAs(expected);
      for (int t = 0; t < expected.size(); t++) {
        assertThat(actual.get(t).doubleValue())
            .as("case %d token %d", i, t)
            .isCloseTo(expected.get(t).doubleValue(), within(1e-6));
      }
    }
  }

  @Test
  void takesReferenceCasesAsTheyAre() {
    for (String file : List.of("render", "parse")) {
      JsonNode first = Cli.golden("harmony/" + file + ".jsonl").get(0);
      assertThat(Cli.run(first + "\n", file).lines().get(0).has("error")).as(file).isFalse();
    }
  }
}
