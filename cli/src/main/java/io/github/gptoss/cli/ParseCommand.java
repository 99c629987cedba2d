package io.github.gptoss.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.harmony.Completion;
import io.github.gptoss.engine.harmony.HarmonyEncoding;
import io.github.gptoss.engine.harmony.HarmonyJson;
import io.github.gptoss.engine.harmony.Message;
import io.github.gptoss.engine.harmony.ParseMode;
import io.github.gptoss.engine.harmony.Role;
import io.github.gptoss.engine.harmony.ToolCall;
import java.util.List;
import picocli.CommandLine.Command;

@Command(
    name = "parse",
    description = {
      "Token ids to messages. Lines of {\"tokens\", \"role\", \"strict\"} in: role is the author of"
          + " the message that the tokens begin within, null if they begin with <|start|>; strict"
          + " is true unless given. Lines of {\"messages\"} out, as openai-harmony writes them. With"
          + " \"completion\" true, role is assistant and strict false unless given, malformed tokens"
          + " are mended, and the answer also has what a generated completion would say."
    })
final class ParseCommand extends JsonLinesCommand {
  /** The answer's keys are allowed, so that reference cases can be given as they are. */
  private static final List<String> KEYS =
      List.of(
          "tokens",
          "role",
          "strict",
          "completion",
          "name",
          "text",
          "messages",
          "expected",
          "error");

  @Override
  void run() {
    JsonLines.answerEach(console(), ParseCommand::answer);
  }

  private static ObjectNode answer(ObjectNode line) {
    Fields fields = Fields.line(line, KEYS);
    int[] tokens = fields.requiredIntegers("tokens");
    boolean completion = fields.flag("completion", false);
    ParseMode lenient = completion ? ParseMode.BEST_EFFORT : ParseMode.LENIENT;
    ParseMode mode = fields.flag("strict", !completion) ? ParseMode.STRICT : lenient;
    Role role = completion && !fields.has("role") ? Role.ASSISTANT : role(fields);
    List<Message> messages = HarmonyEncoding.gptOss().parse(tokens, role, mode);
    ObjectNode answer = Json.object().set("messages", HarmonyJson.write(messages));
    return completion ? answer.set("completion", completion(tokens)) : answer;
  }

  private static ObjectNode completion(int[] tokens) {
    Completion completion = HarmonyEncoding.gptOss().parseCompletion(tokens);
    ObjectNode json =
        Json.object()
            .put("response", completion.response())
            .put("reasoning", completion.reasoning())
            .put("commentary", completion.commentary());
    ArrayNode calls = json.putArray("tool_calls");
    for (ToolCall call : completion.toolCalls()) {
      calls.addObject().put("name", call.name()).put("arguments", call.arguments());
    }
    return json.put("salvaged", completion.salvaged());
  }

  private static Role role(Fields fields) {
    String text = fields.text("role");
    Role role = Role.fromText(text);
    if (role == null && text != null) {
      throw CliErrors.wrongType(
          "role", "unknown", "system, developer, user, assistant, tool or null");
    }
    return role;
  }
}
