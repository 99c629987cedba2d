package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.backend.Backend;
import io.github.gptoss.engine.backend.LoadedModel;
import io.github.gptoss.engine.weights.Checkpoint;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Computes on one GPU, or on several that have a range of layers each. */
public final class CudaBackend implements Backend {
  private static final Logger LOG = LoggerFactory.getLogger(CudaBackend.class);

  private final List<CudaDevice> devices = new ArrayList<>();
  private final double utilization;

  /**
   * @param ordinals of the devices, in the order of the layers that they get
   * @param utilization share of each device's memory that may be used
   * @throws io.github.gptoss.engine.error.InvalidConfigException if there is no driver, no such
   *     device, or they are too old for the kernels, or this build has none
   */
  public CudaBackend(List<Integer> ordinals, double utilization) {
    this.utilization = utilization;
    KernelImage image = KernelImage.read();
    try {
      for (int ordinal : ordinals) {
        devices.add(new CudaDevice(ordinal, image));
      }
      for (int i = 1; i < devices.size(); i++) {
        CudaDevice before = devices.get(i - 1);
        CudaDevice after = devices.get(i);
        boolean direct = before.reach(after) & after.reach(before);
        LOG.info("{} to {}: {}", before, after, direct ? "peer copies" : "copies over the host");
      }
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /**
   * Checks that there is a driver with such devices, without touching one.
   *
   * @throws io.github.gptoss.engine.error.InvalidConfigException if there is not
   */
  public static void requireDevices(List<Integer> ordinals) {
    CudaDevice.requireOrdinal(Collections.max(ordinals));
  }

  @Override
  public String description() {
    StringBuilder text = new StringBuilder("cuda:");
    for (CudaDevice device : devices) {
      text.append(' ').append(device.describe()).append(',');
    }
    return text.substring(0, text.length() - 1);
  }

  @Override
  public LoadedModel load(Checkpoint checkpoint) {
    return new CudaModel(checkpoint, devices, utilization);
  }

  @Override
  public void close() {
    devices.forEach(CudaDevice::close);
  }
}
