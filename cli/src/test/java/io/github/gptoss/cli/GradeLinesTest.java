package io.github.gptoss.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;

class GradeLinesTest {
  private static List<JsonNode> grade(String... lines) {
    Cli.Result result = Cli.run(String.join("\n", lines) + "\n", "grade", "--jsonl");
    assertThat(result.status()).isZero();
    assertThat(result.err()).isEmpty();
    return result.lines();
  }

  @Test
  void gradesEveryLine() {
    List<JsonNode> lines =
        grade(
            "{\"grader\": \"choice\", \"response\": \"Answer: B\", \"key\": \"B\", \"id\": 1}",
            "{\"grader\": \"integer\", \"response\": \"none\", \"key\": 7}",
            "{\"grader\": \"exact\", \"response\": null, \"key\": \"x\"}",
            "{\"grader\": {\"type\": \"numeric\", \"tolerance\": 0.5}, \"response\": \"1\", \"key\":"
                + " 1.5}",
            "{\"grader\": \"json\", \"response\": \"{\\\"a\\\": 1}\", \"key\": {\"a\": 1, \"b\":"
                + " 2}}");
    assertThat(lines.stream().map(JsonNode::toString))
        .containsExactly(
            "{\"id\":1,\"extracted\":\"B\",\"correct\":true}",
            "{\"extracted\":null,\"correct\":false}",
            "{\"extracted\":null,\"correct\":false}",
            "{\"extracted\":\"1\",\"correct\":true}",
            "{\"extracted\":\"{\\\"a\\\":1}\",\"correct\":false,\"score\":0.5,\"parts\":{\"a\":true,"
                + "\"b\":false}}");
  }

  @Test
  void aBadLineIsAnErrorInItsPlace() {
    List<JsonNode> lines =
        grade(
            "{\"grader\": \"choise\", \"response\": \"A\", \"key\": \"A\"}",
            "{\"grader\": \"choice\", \"response\": \"A\", \"key\": \"Z\"}",
            "{\"grader\": \"choice\", \"response\": \"A\"}",
            "{\"grader\": \"choice\", \"key\": \"A\"}",
            "{\"response\": \"A\", \"key\": \"A\"}",
            "{\"grader\": \"choice\", \"response\": 7, \"key\": \"A\"}",
            "{\"grader\"",
            "{\"grader\": \"choice\", \"response\": \"A\", \"key\": \"A\"}");
    assertThat(lines.stream().map(line -> line.at("/error/code").asText("")))
        .containsExactly(
            "invalid_parameter",
            "invalid_key",
            "invalid_parameter",
            "invalid_parameter",
            "invalid_parameter",
            "invalid_parameter",
            "invalid_json",
            "");
    assertThat(lines.get(0).at("/error/message").asText()).contains("did you mean 'choice'?");
    assertThat(lines.get(7).get("correct").booleanValue()).isTrue();
  }

  /** The reference cases, as they are: the answer's own keys are passed over. */
  @Test
  void gradesAsThePublishedEvaluation() {
    List<JsonNode> cases = Cli.golden("eval/grade.jsonl");
    List<JsonNode> lines = grade(cases.stream().map(JsonNode::toString).toArray(String[]::new));
    assertThat(lines).hasSameSizeAs(cases);
    for (int i = 0; i < lines.size(); i++) {
      assertThat(lines.get(i).get("extracted")).isEqualTo(cases.get(i).get("extracted"));
      assertThat(lines.get(i).get("correct")).isEqualTo(cases.get(i).get("correct"));
    }
  }
}
