package io.github.gptoss.engine;

import io.github.gptoss.engine.backend.Backend;
import io.github.gptoss.engine.backend.cpu.CpuBackend;
import io.github.gptoss.engine.error.InvalidConfigException;

/** Opens the backend that a configuration names, or says what it lacks. */
final class Backends {
  private Backends() {}

  /**
   * Checks that this build has the backend; whether this machine has its device shows in {@link
   * #open}.
   */
  static void require(EngineConfig config) {
    if (!config.backend().equals("cpu")) {
      throw new InvalidConfigException(
          "backend 'cuda' is not available: this build has no CUDA kernels; use backend 'cpu'");
    }
  }

  static Backend open(EngineConfig config) {
    require(config);
    return new CpuBackend(config.threads());
  }
}
