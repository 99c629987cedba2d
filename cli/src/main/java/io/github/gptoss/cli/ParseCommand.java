package io.github.gptoss.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.harmony.HarmonyEncoding;
import io.github.gptoss.engine.harmony.HarmonyJson;
import io.github.gptoss.engine.harmony.Message;
import io.github.gptoss.engine.harmony.ParseMode;
import io.github.gptoss.engine.harmony.Role;
import java.util.List;
import picocli.CommandLine.Command;

@Command(
    name = "parse",
    description = {
      "Token ids to messages. Lines of {\"tokens\", \"role\", \"strict\"} in: role is the author of"
          + " the message that the tokens begin within, null if they begin with <|start|>; strict"
          + " is true unless given. Lines of {\"messages\"} out, as openai-harmony writes them."
    })
final class ParseCommand extends JsonLinesCommand {
  /** The answer's keys are allowed, so that reference cases can be given as they are. */
  private static final List<String> KEYS =
      List.of("tokens", "role", "strict", "name", "messages", "error");

  @Override
  void run() {
    JsonLines.answerEach(console(), ParseCommand::answer);
  }

  private static ObjectNode answer(ObjectNode line) {
    Fields fields = Fields.line(line, KEYS);
    int[] tokens = fields.requiredIntegers("tokens");
    ParseMode mode = fields.flag("strict", true) ? ParseMode.STRICT : ParseMode.LENIENT;
    List<Message> messages = HarmonyEncoding.gptOss().parse(tokens, role(fields), mode);
    return Json.object().set("messages", HarmonyJson.write(messages));
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
