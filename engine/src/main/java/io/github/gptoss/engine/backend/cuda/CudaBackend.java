package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.backend.Backend;
import io.github.gptoss.engine.backend.LoadedModel;
import io.github.gptoss.engine.weights.Checkpoint;
import java.util.ArrayList;
import java.util.List;

/** Computes on one GPU, or on several that have a range of layers each. */
public final class CudaBackend implements Backend {
  private final List<CudaDevice> devices = new ArrayList<>();

  /**
   * @param first ordinal of the first device
   * @param count devices to use, the following ones after the first
   * @throws io.github.gptoss.engine.error.InvalidConfigException if there is no driver, no such
   *     device, or they are too old for the kernels, or this build has none
   */
  public CudaBackend(int first, int count) {
    KernelImage image = KernelImage.read();
    try {
      for (int i = 0; i < count; i++) {
        devices.add(new CudaDevice(first + i, image));
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
  public static void requireDevices(int first, int count) {
    CudaDevice.requireOrdinal(first + count - 1);
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
    return new CudaModel(checkpoint, devices);
  }

  @Override
  public void close() {
    devices.forEach(CudaDevice::close);
  }
}
