package io.github.gptoss.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.ConstraintProbe;
import java.util.List;
import java.util.stream.Stream;

/** A command that says what the constraint of each line allows. */
abstract class ConstraintCommand extends JsonLinesCommand {
  private final List<String> keys;

  /**
   * @param keys of a line, beside those of its constraint
   */
  ConstraintCommand(String... keys) {
    this.keys = Stream.concat(ConstraintReader.KEYS.stream(), Stream.of(keys)).toList();
  }

  @Override
  final void run() {
    // Not before: the engine's loggers are made after the command line has set their levels.
    ConstraintProbe probe = new ConstraintProbe();
    JsonLines.answerEach(console(), line -> answer(Fields.line(line, keys), probe));
  }

  abstract ObjectNode answer(Fields line, ConstraintProbe probe);
}
