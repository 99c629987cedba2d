package io.github.gptoss.engine.backend.cuda;

import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.JCudaDriver;

/** One kernel on one device. */
final class Kernel {
  /** Percent of the memory that a multiprocessor divides between L1 cache and shared memory. */
  private static final int WHOLE_CARVEOUT = 100;

  /** Dynamic shared memory that a block may have without asking for it. */
  private static final int SHARED_BYTES_UNASKED = 48 * 1024;

  private final CudaDevice device;
  private final String name;
  private final CUfunction function;
  private final KernelParams params = new KernelParams();
  private int sharedBytesAllowed = SHARED_BYTES_UNASKED;

  Kernel(CudaDevice device, String name, CUfunction function) {
    this.device = device;
    this.name = name;
    this.function = function;
    // Left to the driver, the division may hold fewer blocks than registers allow, and change from
    // kernel to kernel, for which the multiprocessor has to be empty.
    device.check(
        JCudaDriver.cuFuncSetAttribute(
            function,
            CUfunction_attribute.CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT,
            WHOLE_CARVEOUT));
  }

  /** A function attribute as the driver has it. */
  int attribute(int attribute) {
    int[] value = new int[1];
    device.check(JCudaDriver.cuFuncGetAttribute(value, attribute, function));
    return value[0];
  }

  /** The parameter struct, empty; to be filled and launched before it is asked for again. */
  KernelParams params() {
    return params.clear();
  }

  void launch(int blocks, int threads, int sharedBytes) {
    launch(blocks, 1, 1, threads, sharedBytes);
  }

  void launch(int blocksX, int blocksY, int threads, int sharedBytes) {
    launch(blocksX, blocksY, 1, threads, sharedBytes);
  }

  /** Queues the kernel on the device's stream. A grid without blocks is no launch. */
  void launch(int blocksX, int blocksY, int blocksZ, int threads, int sharedBytes) {
    if (blocksX == 0 || blocksY == 0 || blocksZ == 0) {
      return;
    }
    allow(sharedBytes);
    device.launched(name);
    device.check(
        JCudaDriver.cuLaunchKernel(
            function,
            blocksX,
            blocksY,
            blocksZ,
            threads,
            1,
            1,
            sharedBytes,
            device.stream(),
            params.list(),
            null));
  }

  /** Blocks that fit all multiprocessors at once: the grid of a persistent kernel. */
  int persistentBlocks(int threads, int sharedBytes) {
    allow(sharedBytes);
    int[] each = new int[1];
    device.check(
        JCudaDriver.cuOccupancyMaxActiveBlocksPerMultiprocessor(
            each, function, threads, sharedBytes));
    return Math.max(1, each[0]) * device.multiprocessors();
  }

  private void allow(int sharedBytes) {
    if (sharedBytes > sharedBytesAllowed) {
      device.check(
          JCudaDriver.cuFuncSetAttribute(
              function,
              CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
              sharedBytes));
      sharedBytesAllowed = sharedBytes;
    }
  }
}
