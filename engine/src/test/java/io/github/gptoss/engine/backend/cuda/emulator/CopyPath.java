package io.github.gptoss.engine.backend.cuda.emulator;

import java.util.List;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.JCudaDriver;

/**
 * The two ways in which operands come into shared memory: before compute capability 9.0, and from
 * there on.
 */
enum CopyPath {
  ASYNC("", 128, 3, 0),
  BULK("_bulk", 160, 4, 128);

  /** Of the kernels' names. */
  final String suffix;

  final int threads;
  private final int stages;
  private final int barrierBytes;

  CopyPath(String suffix, int threads, int stages, int barrierBytes) {
    this.suffix = suffix;
    this.threads = threads;
    this.stages = stages;
    this.barrierBytes = barrierBytes;
  }

  /** Shared memory of a product whose stages hold so much. */
  int sharedBytes(int stageBytes) {
    return stages * (stageBytes + barrierBytes);
  }

  /** Those that device 0 has kernels for: the emulator has both. */
  static List<CopyPath> all() {
    if (!GpuTests.onRealGpu()) {
      return List.of(values());
    }
    CUdevice device = new CUdevice();
    int[] major = new int[1];
    Driver.check(JCudaDriver.cuDeviceGet(device, 0));
    Driver.check(
        JCudaDriver.cuDeviceGetAttribute(
            major, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device));
    return List.of(major[0] >= 9 ? BULK : ASYNC);
  }
}
