package io.github.gptoss.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.tokenizer.Tokenizer;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "detokenize", description = "Token ids to text.")
final class DetokenizeCommand extends SubCommand {
  /** The answer's key is allowed, so that reference cases can be given as they are. */
  private static final List<String> KEYS = List.of("ids", "text");

  @Option(names = "--jsonl", description = "Lines of {\"ids\"} in, lines of {\"text\"} out.")
  private boolean jsonl;

  @Parameters(
      paramLabel = "ID",
      arity = "0..*",
      description = "Token ids; without any, standard input holds them.")
  private int[] ids;

  @Override
  void run() throws IOException {
    if (jsonl) {
      JsonLines.answerEach(console(), DetokenizeCommand::answer);
    } else {
      console().out().print(Tokenizer.o200kHarmony().decode(given()) + "\n");
    }
  }

  private int[] given() throws IOException {
    if (ids != null) {
      return ids;
    }
    String text = console().text("ID").strip();
    try {
      return Stream.of(text.split("[\\s,\\[\\]]+"))
          .filter(id -> !id.isEmpty())
          .mapToInt(Integer::parseInt)
          .toArray();
    } catch (NumberFormatException e) {
      throw CliErrors.badOption(
          "ID", "on standard input is no number: give token ids, apart by spaces or commas");
    }
  }

  private static ObjectNode answer(ObjectNode line) {
    int[] ids = Fields.line(line, KEYS).requiredIntegers("ids");
    return Json.object().put("text", Tokenizer.o200kHarmony().decode(ids));
  }
}
