package io.github.gptoss.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.ConstraintProbe;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;

@Command(
    name = "accept",
    description =
        "Lines of {\"schema\" | \"response_format\" | \"structured_outputs\", \"text\"} in, lines"
            + " of {\"accepted\"} out: whether an answer under the constraint may be that text.")
final class AcceptCommand extends JsonLinesCommand {
  private final ConstraintProbe probe = new ConstraintProbe();

  @Override
  void run() throws IOException {
    JsonLines.answerEach(console(), this::answer);
  }

  private ObjectNode answer(ObjectNode line) {
    List<String> keys = new ArrayList<>(ConstraintReader.KEYS);
    keys.add("text");
    Fields fields = Fields.line(line, keys);
    String text = fields.requiredText("text");
    return Json.object().put("accepted", probe.accepts(ConstraintReader.read(fields), text));
  }
}
