package io.github.gptoss.cli;

import io.github.gptoss.engine.ModelProbe;
import java.util.List;
import picocli.CommandLine.Command;

@Command(
    name = "hidden",
    description = {
      "The residual stream of given tokens. Lines of {\"tokens\"} in; line i becomes"
          + " prompt{i}.hidden [layers + 1, T, hidden], float32, in the file: the embedding, the"
          + " stream after each layer but the last, and after the last layer and the final norm;"
          + " lines of {\"prompt\": i, \"rows\": T} out."
    })
final class HiddenCommand extends ProbeCommand {
  @Override
  FloatTensorFile.Tensor tensor(Prompt prompt, ModelProbe probe) {
    return new FloatTensorFile.Tensor(
        "prompt" + prompt.line() + ".hidden",
        List.of(probe.layers() + 1L, (long) prompt.rows(), (long) probe.hiddenSize()));
  }

  @Override
  void compute(
      ModelProbe probe, List<ModelProbe.Prompt> asked, List<Prompt> prompts, FloatTensorFile file) {
    probe.hidden(
        asked,
        (i, layer, position, hidden) -> {
          Prompt prompt = prompts.get(i);
          int row = prompt.row(position);
          if (row >= 0) {
            file.write(i, (long) layer * prompt.rows() + row, hidden);
          }
        });
  }
}
