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

  private static ObjectNode renamed(JsonNode line, String from, String to) {
    ObjectNode copy = line.deepCopy();
    return copy.has(from) ? copy.set(to, copy.get(from)) : copy;
  }

  @Test
  void acceptsTextsOfAConstraint() {
    List<JsonNode> cases = Cli.golden("structured/accept.jsonl");
    List<JsonNode> lines =
        cases.stream().<JsonNode>map(line -> renamed(line, "instance_text", "text")).toList();
    List<JsonNode> answers = answers(lines, "accept", "schema", "text");
    for (int i = 0; i < cases.size(); i++) {
      assertThat(answers.get(i).path("accepted"))
          .as(cases.get(i).toString())
          .isEqualTo(cases.get(i).get("accepted"));
    }
  }

  @Test
  void masksTokensOfAConstraint() {
    List<JsonNode> cases = Cli.golden("structured/masks.jsonl");
    List<JsonNode> answers =
        answers(
            cases, "mask", "schema", "structured_outputs", "whitespace", "prefix", "prefix_hex");
    for (int i = 0; i < cases.size(); i++) {
      JsonNode expected = cases.get(i);
      ObjectNode answer = MAPPER.createObjectNode();
      answer.set("allowed_count", expected.at("/allowed/count"));
      answer.set("allowed_sha256", expected.at("/allowed/sha256"));
      answer.set("eos_allowed", expected.get("eos_allowed"));
      assertThat(answers.get(i)).as(expected.toString()).isEqualTo(answer);
    }
  }

  @Test
  void refusesConstraintsThatCannotBeGuaranteed() {
    List<JsonNode> cases = Cli.golden("structured/refuse.jsonl");
    List<JsonNode> lines = new ArrayList<>();
    for (JsonNode line : cases) {
      lines.add(line.<ObjectNode>deepCopy().put("text", ""));
    }
    List<JsonNode> answers =
        answers(lines, "accept", "schema", "response_format", "structured_outputs", "text");
    for (int i = 0; i < cases.size(); i++) {
      JsonNode expected = cases.get(i);
      JsonNode error = answers.get(i).path("error");
      assertThat(error.path("code")).as(expected.toString()).isEqualTo(expected.get("code"));
      assertThat(error.path("message").asText()).as(expected.toString()).doesNotContain("\n");
      if (!error.path("code").asText().equals("unsatisfiable_schema")) {
        List<String> names = new ArrayList<>();
        expected.get("names").forEach(name -> names.add(name.asText()));
        assertThat(error.path("keyword").asText()).as(expected.toString()).isIn(names);
      }
    }
  }
}
