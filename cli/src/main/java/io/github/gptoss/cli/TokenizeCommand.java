package io.github.gptoss.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.tokenizer.Tokenizer;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "tokenize",
    description = "Text to token ids; the text of a special token is plain text.")
final class TokenizeCommand extends SubCommand {
  /** The answer's key is allowed, so that reference cases can be given as they are. */
  private static final List<String> KEYS = List.of("text", "ids");

  @Option(names = "--jsonl", description = "Lines of {\"text\"} in, lines of {\"ids\"} out.")
  private boolean jsonl;

  @Parameters(
      paramLabel = "TEXT",
      arity = "0..*",
      description = "The text; without one, standard input is the text.")
  private List<String> words;

  @Override
  void run() throws IOException {
    if (jsonl) {
      JsonLines.answerEach(console(), TokenizeCommand::answer);
    } else {
      String text = words == null ? console().text("TEXT") : String.join(" ", words);
      console().out().print(Json.array(Tokenizer.o200kHarmony().encode(text)) + "\n");
    }
  }

  private static ObjectNode answer(ObjectNode line) {
    String text = Fields.line(line, KEYS).requiredText("text");
    return Json.object().set("ids", Json.array(Tokenizer.o200kHarmony().encode(text)));
  }
}
