package io.github.gptoss.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.engine.GptOssEngine;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "generate",
    description = {
      "Answers a prompt, or with --jsonl many as one batch. A line has one of prompt (text),"
          + " messages (openai-harmony's or OpenAI chat's JSON) and tokens (raw ids), and any of the"
          + " options below as keys, for instance max_tokens, and n, how many samples of it to make,"
          + " which are the answer's choices; id and custom_id come back."
    })
final class GenerateCommand extends SubCommand {
  @Option(
      names = "--jsonl",
      description = "Read one request a line from standard input, write one result a line.")
  private boolean jsonl;

  @Parameters(
      paramLabel = "PROMPT",
      arity = "0..*",
      description = "The prompt; without one, standard input is the prompt.")
  private List<String> words;

  @Mixin private RequestOptions request;
  @Mixin private EngineOptions engine;

  @Override
  void run() throws IOException, InterruptedException {
    ObjectNode defaults = request.toJson(common().seed());
    defaults.put("lora", engine.lora().ofAll());
    RequestReader reader = new RequestReader(defaults);
    EngineConfig config = engine.builder(common()).build();
    if (jsonl) {
      if (words != null) {
        throw CliErrors.badOption("--jsonl", "reads standard input: give no prompt beside it");
      }
      // An option that no request could have is a wrong call, not an error on every line.
      var unused = reader.read(Json.object().put("prompt", "")).build();
      try (GptOssEngine opened = GptOssEngine.open(config)) {
        new GenerateLines(console(), opened, reader, capacity(config)).run();
      }
    } else {
      ObjectNode line = Json.object().put("prompt", prompt());
      AnswerStream stream = new AnswerStream(console(), reader.read(line));
      try (GptOssEngine opened = GptOssEngine.open(config)) {
        stream.run(opened);
      }
    }
  }

  /** So many that the engine never idles while its slowest request delays those behind it. */
  private static int capacity(EngineConfig config) {
    return config.maxQueuedRequests() + config.maxNumSeqs();
  }

  private String prompt() throws IOException {
    String prompt =
        words == null ? console().text("PROMPT").stripTrailing() : String.join(" ", words);
    if (prompt.isEmpty()) {
      throw CliErrors.badOption("PROMPT", "is empty: give it as an argument or on standard input");
    }
    return prompt;
  }
}
