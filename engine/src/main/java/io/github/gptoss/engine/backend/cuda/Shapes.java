package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.model.ModelConfig;
import java.util.List;

/** What shapes of models the kernels can run. */
final class Shapes {
  /** Head widths that attention.cu is compiled for. */
  private static final List<Integer> HEAD_DIMS = List.of(16, 32, 48, 64, 96, 128);

  private static final int WIDTH_STEP = 16;
  private static final int MOST_EXPERTS = 1024;
  private static final int MOST_EXPERTS_PER_TOKEN = 16;

  private Shapes() {}

  /** Fails if the kernels cannot run such a model. */
  static void require(ModelConfig config) {
    if (!HEAD_DIMS.contains(config.headDim())) {
      throw CudaErrors.unsupportedShape("head_dim", config.headDim(), HEAD_DIMS.toString());
    }
    requireMultiple("hidden_size", config.hiddenSize());
    requireMultiple("intermediate_size", config.intermediateSize());
    if (config.experts() > MOST_EXPERTS) {
      throw CudaErrors.unsupportedShape(
          "num_local_experts", config.experts(), "at most " + MOST_EXPERTS);
    }
    if (config.expertsPerToken() > MOST_EXPERTS_PER_TOKEN) {
      throw CudaErrors.unsupportedShape(
          "num_experts_per_tok", config.expertsPerToken(), "at most " + MOST_EXPERTS_PER_TOKEN);
    }
  }

  private static void requireMultiple(String what, int value) {
    if (value % WIDTH_STEP != 0) {
      throw CudaErrors.unsupportedShape(what, value, "multiples of " + WIDTH_STEP);
    }
  }
}
