package io.github.gptoss.cli;

import io.github.gptoss.engine.ModelMerge;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "merge",
    description = {
      "Writes a checkpoint that is the model with an adapter merged into its weights. Experts that"
          + " are MXFP4 become bf16 where the adapter changes any; all else keeps its type. Every"
          + " changed element is computed in float32 and rounded once."
    })
final class MergeCommand extends SubCommand {
  @Option(
      names = "--lora",
      paramLabel = "DIR",
      required = true,
      description = "Folder of a PEFT adapter to the model.")
  private String lora;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      required = true,
      description = "The checkpoint's folder, which does not exist or is empty.")
  private Path output;

  @Override
  void run() {
    if (common().model() == null) {
      throw CliErrors.noModel();
    }
    ModelMerge.write(common().model(), lora, output);
  }
}
