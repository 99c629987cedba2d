package io.github.gptoss.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidRequestException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.function.Function;

/**
 * Standard input as JSON objects, one a line. Blank lines are passed over, as in batch files; every
 * other line counts, so that outputs and inputs can be paired by their numbers.
 */
final class JsonLines {
  /** Far beyond any context; a bound on what one line may cost. */
  private static final int MAX_LINE_BYTES = 1 << 28;

  private final LineReader lines;

  JsonLines(InputStream in) {
    this.lines = new LineReader(in, MAX_LINE_BYTES);
  }

  /**
   * The next line's object, or null after the last line.
   *
   * @throws InvalidRequestException if the line is no JSON object; the next call reads on
   */
  ObjectNode next() {
    try {
      String line = lines.next();
      while (line != null && line.isBlank()) {
        line = lines.next();
      }
      return line == null ? null : Json.object(line);
    } catch (IOException e) {
      throw new UncheckedIOException("standard input cannot be read: " + e.getMessage(), e);
    }
  }

  /** Answers each line with one line; errors of a request stand in the place of its answer. */
  static void answerEach(Console console, Function<ObjectNode, ObjectNode> command) {
    JsonLines lines = new JsonLines(console.in());
    while (true) {
      ObjectNode answer;
      try {
        ObjectNode line = lines.next();
        if (line == null) {
          return;
        }
        answer = answer(line, command);
      } catch (GptOssException e) {
        answer = Json.error(e);
      }
      console.out().print(Json.text(answer) + "\n");
    }
  }

  private static ObjectNode answer(ObjectNode line, Function<ObjectNode, ObjectNode> command) {
    ObjectNode answer = Fields.echo(line);
    try {
      return answer.setAll(command.apply(line));
    } catch (GptOssException e) {
      return answer.setAll(Json.error(e));
    }
  }
}
