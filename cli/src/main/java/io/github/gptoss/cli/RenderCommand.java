package io.github.gptoss.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.engine.harmony.Conversation;
import io.github.gptoss.engine.harmony.HarmonyEncoding;
import io.github.gptoss.engine.harmony.HarmonyJson;
import io.github.gptoss.engine.harmony.Role;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine.Command;

@Command(
    name = "render",
    description = {
      "Conversations to token ids. Lines of {\"messages\", \"auto_drop_analysis\"} in, with messages"
          + " as openai-harmony writes them and auto_drop_analysis true unless given; lines of"
          + " {\"completion\", \"conversation\", \"training\"} out, or KEY_error for one that cannot"
          + " be rendered."
    })
final class RenderCommand extends JsonLinesCommand {
  /** The answer's keys are allowed, so that reference cases can be given as they are. */
  private static final List<String> KEYS =
      List.of(
          "messages",
          "auto_drop_analysis",
          "name",
          "completion",
          "completion_error",
          "conversation",
          "conversation_error",
          "training",
          "training_error");

  @Override
  void run() {
    JsonLines.answerEach(console(), RenderCommand::answer);
  }

  private static ObjectNode answer(ObjectNode line) {
    Fields fields = Fields.line(line, KEYS);
    Conversation conversation = HarmonyJson.read(fields.requiredList("messages"));
    boolean drop = fields.flag("auto_drop_analysis", true);
    HarmonyEncoding encoding = HarmonyEncoding.gptOss();
    ObjectNode answer = Json.object();
    put(
        answer,
        "completion",
        () -> encoding.renderForCompletion(conversation, Role.ASSISTANT, drop));
    put(answer, "conversation", () -> encoding.renderConversation(conversation, drop));
    put(answer, "training", () -> encoding.renderForTraining(conversation, drop));
    return answer;
  }

  private static void put(ObjectNode answer, String key, Supplier<int[]> tokens) {
    try {
      answer.set(key, Json.array(tokens.get()));
    } catch (InvalidRequestException e) {
      answer.put(key + "_error", e.getMessage());
    }
  }
}
