package io.github.gptoss.engine.backend.cuda.emulator;

import java.util.List;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.JCudaDriver;

/**
 * The ways in which operands come into shared memory: before compute capability 9.0, from there on,
 * and where products are computed by wgmma.
 */
enum CopyPath {
  ASYNC("", 128, 3, 0, 1),
  BULK("_bulk", 160, 4, 128, 1),
  WGMMA("_wgmma", 160, 4, 128, 1024);

  /** Of the kernels' names. */
  final String suffix;

  final int threads;
  private final int stages;
  private final int barrierBytes;
  private final int alignment; // of stages

  CopyPath(String suffix, int threads, int stages, int barrierBytes, int alignment) {
    this.suffix = suffix;
    this.threads = threads;
    this.stages = stages;
    this.barrierBytes = barrierBytes;
    this.alignment = alignment;
  }

  /** Shared memory of a product whose stages hold so much. */
  int sharedBytes(int stageBytes) {
    int blocks = (stageBytes + barrierBytes + alignment - 1) / alignment;
    return (stages * blocks + (alignment > 1 ? 1 : 0)) * alignment;
  }

  /** Those of attention that device 0 has kernels for: the emulator has all. */
  static List<CopyPath> ofAttention() {
    return ofProducts().stream().filter(path -> path != WGMMA).toList();
  }

  /** Likewise of products. */
  static List<CopyPath> ofProducts() {
    if (!GpuTests.onRealGpu()) {
      return List.of(values());
    }
    CUdevice device = new CUdevice();
    int[] major = new int[1];
    Driver.check(JCudaDriver.cuDeviceGet(device, 0));
    Driver.check(
        JCudaDriver.cuDeviceGetAttribute(
            major, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device));
    return major[0] == 9 ? List.of(BULK, WGMMA) : List.of(major[0] > 9 ? BULK : ASYNC);
  }
}
