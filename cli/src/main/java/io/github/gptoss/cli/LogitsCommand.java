package io.github.gptoss.cli;

import io.github.gptoss.engine.ModelProbe;
import java.util.List;
import picocli.CommandLine.Command;

@Command(
    name = "logits",
    description = {
      "The logits of given tokens. Lines of {\"tokens\"} in; line i becomes prompt{i}.logits"
          + " [T, vocab], float32, in the file; lines of {\"prompt\": i, \"rows\": T} out."
    })
final class LogitsCommand extends ProbeCommand {
  @Override
  FloatTensorFile.Tensor tensor(Prompt prompt, ModelProbe probe) {
    return new FloatTensorFile.Tensor(
        "prompt" + prompt.line() + ".logits",
        List.of((long) prompt.rows(), (long) probe.info().vocabSize()));
  }

  @Override
  void compute(
      ModelProbe probe, List<ModelProbe.Prompt> asked, List<Prompt> prompts, FloatTensorFile file) {
    probe.logits(
        asked,
        last(),
        (i, layer, position, logits) -> file.write(i, prompts.get(i).row(position), logits));
  }
}
