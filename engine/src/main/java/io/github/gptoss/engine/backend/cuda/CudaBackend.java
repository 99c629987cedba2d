package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.backend.Backend;
import io.github.gptoss.engine.backend.LoadedModel;
import io.github.gptoss.engine.lora.LoraAdapter;
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
   * Opens the devices in the order of the layers that they get. Fails if there is no driver or no
   * such device, if they are too old for the kernels, or if this build has none; with {@code
   * wgmma}, by which products are computed then, also if one of them does not have it.
   */
  public CudaBackend(List<Integer> ordinals, double utilization, boolean wgmma) {
    this.utilization = utilization;
    KernelImage image = KernelImage.read();
    try {
      for (int ordinal : ordinals) {
        devices.add(new CudaDevice(ordinal, image));
      }
      if (wgmma) {
        devices.forEach(CudaDevice::multiplyByWgmma);
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

  /** Fails where there is no driver with such devices, without touching one. */
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
  public LoadedModel load(Checkpoint checkpoint, List<LoraAdapter> adapters) {
    return new CudaModel(checkpoint, adapters, devices, utilization);
  }

  @Override
  public void close() {
    devices.forEach(CudaDevice::close);
  }
}
