package io.github.gptoss.engine;

import io.github.gptoss.engine.backend.Backend;
import io.github.gptoss.engine.backend.cpu.CpuBackend;
import io.github.gptoss.engine.backend.cuda.CudaBackend;

/** Opens the backend that a configuration names, or says what it lacks. */
final class Backends {
  private Backends() {}

  /** Checks that this machine has the devices, without opening them. */
  static void require(EngineConfig config) {
    if (config.backend().equals("cuda")) {
      CudaBackend.requireDevices(config.devices());
    }
  }

  static Backend open(EngineConfig config) {
    return switch (config.backend()) {
      case "cpu" -> new CpuBackend(config.threads());
      default ->
          new CudaBackend(config.devices(), config.gpuMemoryUtilization(), config.cudaWgmma());
    };
  }
}
