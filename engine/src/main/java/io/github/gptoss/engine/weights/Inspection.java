package io.github.gptoss.engine.weights;

import io.github.gptoss.engine.model.ModelConfig;
import java.util.List;

/**
 * What a checkpoint consists of, for people to read.
 *
 * @param bytes of all files that hold tensors
 * @param parameters of the model; an MXFP4 code counts as one, a scale as none
 * @param tensors in the order of the files and of the bytes in them
 */
public record Inspection(
    String folder,
    Layout layout,
    ExpertFormat experts,
    String fingerprint,
    int files,
    long bytes,
    long parameters,
    ModelConfig config,
    List<TensorInfo> tensors,
    List<String> warnings) {

  public Inspection {
    tensors = List.copyOf(tensors);
    warnings = List.copyOf(warnings);
  }
}
