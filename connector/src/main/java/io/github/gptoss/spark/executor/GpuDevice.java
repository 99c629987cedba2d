package io.github.gptoss.spark.executor;

import io.github.gptoss.engine.EngineConfig;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/**
 * The GPU that Spark gave: the task's, else the executor's, else the first. All tasks of an
 * executor share one engine, so an executor gets one GPU, and a task the share of it that a core
 * has.
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

  /** Puts an engine that computes on a GPU on the calling task's; leaves others as they are. */
  static UnaryOperator<EngineConfig> ofThisThread() {
    TaskContext task = TaskContext.get();
    List<String> own = task == null ? List.of() : addresses(task.resourcesJMap());
    List<String> addresses = own.isEmpty() ? executorAddresses : own;
    // An engine on several GPUs is the executor's, whatever share of one its tasks have.
    return config ->
        config.backend().equals(CUDA)
            ? config.withDevice(
                index(config.pipelineParallelSize() > 1 ? executorAddresses : addresses))
            : config;
  }

  private static int index(List<String> addresses) {
    if (addresses.isEmpty()) {
      return 0;
    }
    try {
      return Integer.parseUnsignedInt(addresses.get(0));
    } catch (NumberFormatException e) {
      throw ExecutorErrors.gpuAddress(addresses.get(0));
    }
  }
}
