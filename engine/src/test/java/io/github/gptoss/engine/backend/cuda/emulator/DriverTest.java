package io.github.gptoss.engine.backend.cuda.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.gptoss.engine.backend.cuda.emulator.Driver.CudaException;
import io.github.gptoss.engine.backend.cuda.emulator.Driver.Memory;
import io.github.gptoss.engine.backend.cuda.emulator.Driver.Params;
import io.github.gptoss.engine.backend.cuda.emulator.Driver.Shape;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import jcuda.Pointer;
import jcuda.driver.CUctx_flags;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Devices, contexts and memory of the emulated driver, and how it lives in a JVM. */
class DriverTest {
  @BeforeAll
  static void requireEmulator() {
    GpuTests.requireEmulator();
  }

  private static Driver start(EmulatedMachine machine) {
    machine.quiet().start();
    return new Driver(0);
  }

  @Test
  void describesItsDevices() {
    start(EmulatedMachine.fast().devices(64, 128).processors(9).computeCapability(80));
    int[] value = new int[1];
    Driver.check(JCudaDriver.cuDeviceGetCount(value));
    assertThat(value[0]).isEqualTo(2);
    CUdevice second = new CUdevice();
    Driver.check(JCudaDriver.cuDeviceGet(second, 1));
    long[] bytes = new long[1];
    Driver.check(JCudaDriver.cuDeviceTotalMem(bytes, second));
    assertThat(bytes[0]).isEqualTo(128L << 20);
    byte[] name = new byte[64];
    Driver.check(JCudaDriver.cuDeviceGetName(name, 64, second));
    assertThat(new String(name, java.nio.charset.StandardCharsets.US_ASCII))
        .startsWith("Emulated GPU 1\0");
    assertThat(attribute(second, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT))
        .isEqualTo(9);
    assertThat(attribute(second, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR))
        .isEqualTo(8);
    assertThat(JCudaDriver.cuDeviceGet(second, 2)).isEqualTo(CUresult.CUDA_ERROR_INVALID_DEVICE);
  }

  private static int attribute(CUdevice device, int attribute) {
    int[] value = new int[1];
    Driver.check(JCudaDriver.cuDeviceGetAttribute(value, attribute, device));
    return value[0];
  }

  @Test
  void limitsMemoryByDevice() {
    Driver driver = start(EmulatedMachine.fast().devices(1, 3));
    Memory memory = driver.allocate(700 << 10);
    long[] free = new long[1];
    long[] total = new long[1];
    Driver.check(JCudaDriver.cuMemGetInfo(free, total));
    assertThat(total[0]).isEqualTo(1 << 20);
    assertThat(free[0]).isEqualTo((1 << 20) - (700 << 10));
    assertThat(catchThrowableOfType(CudaException.class, () -> driver.allocate(400 << 10)).result())
        .isEqualTo(CUresult.CUDA_ERROR_OUT_OF_MEMORY);
    new Driver(1).allocate(2 << 20);
    driver.makeCurrent();
    Driver.check(JCudaDriver.cuMemFree(memory));
    driver.allocate(1 << 20);
  }

  @Test
  void refusesImagesAndOldDriversAsADriverDoes() {
    start(EmulatedMachine.fast());
    assertThat(JCudaDriver.cuModuleLoadData(new CUmodule(), new byte[] {1, 2, 3, 4, 0}))
        .isEqualTo(CUresult.CUDA_ERROR_INVALID_IMAGE);
    EmulatedMachine.fast().driverVersion(11080).quiet().start();
    assertThat(catchThrowableOfType(CudaException.class, () -> new Driver(0)).result())
        .isEqualTo(CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION);
    EmulatedMachine.fast().computeCapability(75).quiet().start();
    assertThat(catchThrowableOfType(CudaException.class, () -> new Driver(0)).result())
        .isEqualTo(CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU);
  }

  @Test
  void saysSoWhereAFunctionIsNotEmulated() {
    start(EmulatedMachine.fast());
    assertThat(JCudaDriver.cuCtxSetLimit(0, 0)).isEqualTo(CUresult.CUDA_ERROR_NOT_SUPPORTED);
  }

  @Test
  void startingAnewEndsTheContextsOfBefore() {
    Driver before = start(EmulatedMachine.fast());
    EmulatedMachine.fast().start();
    assertThat(catchThrowableOfType(CudaException.class, before::synchronize).result())
        .isEqualTo(CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED);
  }

  @Test
  void javaThreadsLaunchAtOnceWhileTheCollectorRuns() throws Exception {
    Driver driver = start(EmulatedMachine.fast());
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      Future<?>[] running = new Future<?>[4];
      for (int t = 0; t < running.length; t++) {
        running[t] = threads.submit(() -> countLaunches(driver));
      }
      for (Future<?> thread : running) {
        thread.get();
      }
    } finally {
      threads.shutdown();
    }
  }

  private static Void countLaunches(Driver driver) {
    driver.makeCurrent();
    Memory out = driver.upload(0f);
    Memory counters = driver.upload(new byte[16]);
    CUstream stream = new CUstream();
    Driver.check(JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING));
    for (int i = 0; i < 100; i++) {
      driver.launch(
          "counts_atomically",
          Shape.of(3, 64, 0),
          new Params().put(0L).put(out).put(counters).put(0),
          stream);
      if (i % 50 == 0) {
        System.gc();
      }
    }
    Driver.check(JCudaDriver.cuStreamSynchronize(stream));
    assertThat(driver.downloadInts(counters, 1)[0]).isEqualTo(100 * 3 * 64);
    return null;
  }

  @Test
  void implicitNullChecksOfTheJvmStillWork() {
    start(EmulatedMachine.fast());
    int caught = 0;
    for (int i = 0; i < 100_000; i++) {
      String text = i % 1000 == 0 ? null : "x";
      try {
        caught += text.length() - 1;
      } catch (NullPointerException e) {
        caught++;
      }
    }
    assertThat(caught).isEqualTo(100);
  }

  @Test
  void ownContextsAreLikePrimaryOnes() {
    start(EmulatedMachine.fast());
    jcuda.driver.CUcontext context = new jcuda.driver.CUcontext();
    CUdevice device = new CUdevice();
    Driver.check(JCudaDriver.cuDeviceGet(device, 0));
    Driver.check(JCudaDriver.cuCtxCreate(context, CUctx_flags.CU_CTX_SCHED_AUTO, device));
    Memory memory = new Memory();
    Driver.check(JCudaDriver.cuMemAlloc(memory, 16));
    Driver.check(JCudaDriver.cuMemsetD32(memory, 42, 4));
    int[] values = new int[4];
    Driver.check(JCudaDriver.cuMemcpyDtoH(Pointer.to(values), memory, 16));
    assertThat(values).containsOnly(42);
    Driver.check(JCudaDriver.cuCtxDestroy(context));
  }
}
