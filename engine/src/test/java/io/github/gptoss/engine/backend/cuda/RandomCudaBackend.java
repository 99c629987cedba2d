package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.engine.backend.Backend;
import io.github.gptoss.engine.backend.LoadedModel;
import io.github.gptoss.engine.backend.WrappedModel;
import io.github.gptoss.engine.lora.LoraAdapter;
import io.github.gptoss.engine.weights.Checkpoint;
import java.io.IOException;
import java.util.List;

/** One GPU whose weights are random: of a checkpoint it takes the shape alone. */
public final class RandomCudaBackend implements Backend {
  private final CudaDevice device;
  private final double utilization;
  private final long seed;
  private TimedOperations ops;

  /** Opens the first of the configuration's devices. */
  public RandomCudaBackend(EngineConfig config, long seed) {
    device = new CudaDevice(config.devices().get(0), KernelImage.read());
    utilization = config.gpuMemoryUtilization();
    this.seed = seed;
    if (config.cudaWgmma()) {
      device.multiplyByWgmma();
    }
  }

  /**
   * The config.json of a model.
   *
   * @param model one of {@link BenchmarkModel#NAMES}
   */
  public static String configJson(String model) throws IOException {
    return BenchmarkModel.json(model).toString();
  }

  /** How long the host has waited for chosen tokens. */
  public long awaitedNanos() {
    return ops.awaitedNanos();
  }

  @Override
  public String description() {
    return "cuda: " + device.describe();
  }

  @Override
  public LoadedModel load(Checkpoint checkpoint, List<LoraAdapter> adapters) {
    CudaModel model =
        new CudaModel(
            checkpoint.config(),
            WeightBytes.of(checkpoint),
            adapters,
            List.of(device),
            utilization,
            (to, plan) ->
                new RandomWeights(checkpoint.config(), checkpoint.expertFormat(), to, plan, seed));
    return new WrappedModel(model, running -> ops = new TimedOperations(running, device));
  }

  @Override
  public void close() {
    device.close();
  }
}
