package io.github.gptoss.engine.weights;

import static io.github.gptoss.engine.json.UntrustedText.oneLine;

import io.github.gptoss.engine.tensor.StoredTensor;
import java.nio.file.Path;
import java.util.List;

/** What is odd about a checkpoint but does no harm. */
final class CheckpointWarnings {
  private CheckpointWarnings() {}

  static String quantization(Path configFile, ExpertFormat format) {
    return oneLine(configFile)
        + (format == ExpertFormat.MXFP4
            ? ": has no quantization_config, but the expert tensors are MXFP4; they are used as such"
            : ": has a quantization_config, but the expert tensors are not quantised; they are used"
                + " as they are");
  }

  static String unknownTensors(Path folder, List<StoredTensor> unknown) {
    String names = CheckpointErrors.list(unknown.stream().map(StoredTensor::name).toList());
    return "%s: ignores %d tensor%s that gpt-oss models do not have: %s"
        .formatted(oneLine(folder), unknown.size(), unknown.size() == 1 ? "" : "s", names);
  }
}
