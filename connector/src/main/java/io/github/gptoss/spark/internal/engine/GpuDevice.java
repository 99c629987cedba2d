package io.github.gptoss.spark.internal.engine;

import io.github.gptoss.engine.EngineConfig;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/**
 * The GPUs that Spark gave: the task's, else the executor's, else the first ones. All tasks of an
 * executor share one engine, so an executor gets the GPUs of one, and a task the share of it that a
 * core has.
 */
public final class GpuDevice {
  /** What Spark calls the resource. */
  private static final String GPU = "gpu";

  private static final String CUDA = "cuda";

  private static volatile List<String> executorAddresses = List.of();

  private GpuDevice() {}

  /** Takes note of what Spark gave this executor; returns the addresses of its GPUs. */
  public static List<String> assign(Map<String, ResourceInformation> resources) {
    executorAddresses = addresses(resources);
    return executorAddresses;
  }

  private static List<String> addresses(Map<String, ResourceInformation> resources) {
    ResourceInformation gpu = resources.get(GPU);
    return gpu == null ? List.of() : List.of(gpu.addresses());
  }

  /**
   * Puts an engine that computes on GPUs on the calling task's; leaves others as they are. Throws
   * {@link io.github.gptoss.engine.error.InvalidConfigException} where Spark gave fewer GPUs than
   * the engine is to use.
   */
  static UnaryOperator<EngineConfig> ofThisThread() {
    TaskContext task = TaskContext.get();
    List<String> own = task == null ? List.of() : addresses(task.resourcesJMap());
    return config -> config.backend().equals(CUDA) ? place(config, own) : config;
  }

  private static EngineConfig place(EngineConfig config, List<String> own) {
    int wanted = config.devices().size();
    // An engine on several GPUs is the executor's, whatever share of one its tasks have.
    boolean isTasks = executorAddresses.isEmpty() || wanted == 1 && !own.isEmpty();
    List<String> addresses = isTasks ? own : executorAddresses;
    if (addresses.isEmpty()) {
      return config;
    }
    if (addresses.size() < wanted) {
      throw ExecutorErrors.tooFewGpus(addresses, wanted);
    }
    return config.withDevices(addresses.stream().limit(wanted).map(GpuDevice::index).toList());
  }

  private static int index(String address) {
    try {
      return Integer.parseUnsignedInt(address);
    } catch (NumberFormatException e) {
      throw ExecutorErrors.gpuAddress(address);
    }
  }
}
