package io.github.gptoss.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.ConstraintProbe;
import picocli.CommandLine.Command;

@Command(
    name = "accept",
    description =
        "Lines of {\"schema\" | \"response_format\" | \"structured_outputs\", \"text\"} in, lines"
            + " of {\"accepted\"} out: whether an answer under the constraint may be that text.")
final class AcceptCommand extends ConstraintCommand {
  AcceptCommand() {
    super("text");
  }

  @Override
  ObjectNode answer(Fields line, ConstraintProbe probe) {
    String text = line.requiredText("text");
    return Json.object().put("accepted", probe.accepts(ConstraintReader.read(line), text));
  }
}
