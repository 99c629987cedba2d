package io.github.gptoss.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.spark.internal.grading.Grade;
import io.github.gptoss.spark.internal.grading.Grader;
import io.github.gptoss.spark.internal.grading.Graders;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

@Command(
    name = "grade",
    description = {
      "Whether answers are right. Lines of {\"grader\", \"response\", \"key\"} in: grader is choice,"
          + " integer, exact, json, regex or numeric, or an object of that type and its settings;"
          + " a response that is null is a wrong answer. Lines of {\"extracted\", \"correct\"} out;"
          + " where the key is a JSON object, also score and parts."
    })
final class GradeCommand extends JsonLinesCommand {
  /** The answer's keys are allowed, so that reference cases can be given as they are. */
  private static final List<String> KEYS =
      List.of("grader", "response", "key", "extracted", "correct");

  private static final int MOST_GRADERS = 64;

  private final Map<JsonNode, Grader> graders = new HashMap<>();

  @Override
  void run() {
    JsonLines.answerEach(console(), this::answer);
  }

  private ObjectNode answer(ObjectNode line) {
    Fields fields = Fields.line(line, KEYS);
    Grader grader = grader(fields);
    // A null is what a row without an answer has.
    String response =
        fields.has("response") && !fields.gives("response")
            ? null
            : fields.requiredText("response");
    Grade grade = grader.grade(response, key(fields));
    ObjectNode answer =
        Json.object().put("extracted", grade.extracted()).put("correct", grade.isCorrect());
    if (!grade.parts().isEmpty()) {
      answer.put("score", grade.score());
      ObjectNode parts = answer.putObject("parts");
      grade.parts().forEach(parts::put);
    }
    return answer;
  }

  private Grader grader(Fields fields) {
    JsonNode given = fields.node("grader");
    if (given == null) {
      throw CliErrors.wrongType("grader", "missing", "the name of a grader, or an object");
    }
    if (graders.size() > MOST_GRADERS) {
      graders.clear();
    }
    return graders.computeIfAbsent(
        given,
        unknown -> {
          try {
            return Graders.of(unknown);
          } catch (InvalidConfigException e) {
            throw CliErrors.conflict(e.getMessage());
          }
        });
  }

  /** Keys of other types stand for their JSON: the number 7 is the text 7. */
  private static String key(Fields fields) {
    JsonNode key = fields.node("key");
    if (key == null) {
      throw CliErrors.wrongType("key", "missing", "the right answer");
    }
    return key.isTextual() ? key.textValue() : Json.text(key);
  }
}
