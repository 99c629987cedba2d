package io.github.gptoss.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.engine.ModelProbe;
import io.github.gptoss.engine.error.InvalidRequestException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Writes what the model computes for the prompts of standard input into a safetensors file. All
 * lines are one batch, and the file's header needs their lengths, so they are read first.
 */
abstract class ProbeCommand extends JsonLinesCommand {
  /** {@code name} is a key of reference cases. */
  private static final List<String> KEYS = List.of("tokens", "lora", "name");

  /**
   * One line that can be computed.
   *
   * @param line its number from 0, by which its tensor is called
   * @param tokens how many it has
   * @param rows last positions that are wanted
   */
  record Prompt(int line, int tokens, int rows) {
    /** Index among the wanted rows, or negative. */
    int row(int position) {
      return position - (tokens - rows);
    }
  }

  @Option(
      names = "--output",
      paramLabel = "FILE",
      required = true,
      description = "The safetensors file to write.")
  private Path output;

  @Option(
      names = "--last",
      paramLabel = "N",
      defaultValue = "0",
      description = "Only the last N positions of each prompt; 0 takes all (default).")
  private int last;

  @Mixin private EngineOptions engine;

  /** What of a prompt is written. */
  abstract FloatTensorFile.Tensor tensor(Prompt prompt, ModelProbe probe);

  /** Computes all prompts at once and writes their rows; tensors have the prompts' order. */
  abstract void compute(
      ModelProbe probe, List<ModelProbe.Prompt> asked, List<Prompt> prompts, FloatTensorFile file);

  final int last() {
    return last;
  }

  @Override
  final void run() {
    EngineConfig config = engine.builder(common()).build();
    if (last < 0) {
      throw CliErrors.badOption("--last", "is " + last + ": it must be 0 or more");
    }
    FloatTensorFile.check(output);
    try (ModelProbe probe = ModelProbe.open(config)) {
      List<Prompt> prompts = new ArrayList<>();
      List<ModelProbe.Prompt> asked = new ArrayList<>();
      List<ObjectNode> answers = read(probe, asked, prompts);
      try (FloatTensorFile file =
          FloatTensorFile.create(
              output, prompts.stream().map(prompt -> tensor(prompt, probe)).toList())) {
        if (!prompts.isEmpty()) {
          compute(probe, asked, prompts, file);
        }
        file.commit();
      }
      for (ObjectNode answer : answers) {
        console().out().print(Json.text(answer) + "\n");
      }
    }
  }

  private List<ObjectNode> read(
      ModelProbe probe, List<ModelProbe.Prompt> asked, List<Prompt> prompts) {
    JsonLines lines = new JsonLines(console().in());
    List<ObjectNode> answers = new ArrayList<>();
    while (true) {
      ObjectNode answer = Json.object();
      try {
        ObjectNode line = lines.next();
        if (line == null) {
          return answers;
        }
        answer = Fields.echo(line);
        Fields fields = Fields.line(line, KEYS);
        int[] ids = fields.requiredIntegers("tokens");
        String lora = fields.text("lora");
        ModelProbe.Prompt wanted =
            new ModelProbe.Prompt(ids, lora == null ? engine.lora().ofAll() : lora);
        probe.check(wanted);
        int rows = last == 0 ? ids.length : Math.min(last, ids.length);
        Prompt prompt = new Prompt(answers.size(), ids.length, rows);
        asked.add(wanted);
        prompts.add(prompt);
        answer.put("prompt", prompt.line()).put("rows", prompt.rows());
      } catch (InvalidRequestException e) {
        answer.setAll(Json.error(e));
      }
      answers.add(answer);
    }
  }
}
