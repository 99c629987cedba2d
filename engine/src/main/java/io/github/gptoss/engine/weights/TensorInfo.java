package io.github.gptoss.engine.weights;

import io.github.gptoss.engine.tensor.StoredTensor;
import java.util.Arrays;
import java.util.List;

/** One tensor of a checkpoint, for people to read; the file is without its folder. */
public record TensorInfo(String name, String dtype, List<Long> shape, long bytes, String file) {
  static TensorInfo of(StoredTensor tensor) {
    return new TensorInfo(
        tensor.name(),
        tensor.dtype().name(),
        Arrays.stream(tensor.shape()).boxed().toList(),
        tensor.bytes(),
        tensor.file().getFileName().toString());
  }
}
