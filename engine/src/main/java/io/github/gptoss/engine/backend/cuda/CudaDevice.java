package io.github.gptoss.engine.backend.cuda;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/**
 * One GPU: its context, one stream that everything is queued on, its kernels and its memory. Calls
 * return when the work is queued; {@link #synchronize} waits. Not thread-safe; another thread may
 * take over, and calls {@link #use} first.
 */
final class CudaDevice implements AutoCloseable {
  private static final int LEAST_COMPUTE_CAPABILITY = 80;
  private static final int BULK_COMPUTE_CAPABILITY = 90;
  private static final int WGMMA_COMPUTE_CAPABILITY = 90; // and no other

  private final int ordinal;
  private final CUdevice handle = new CUdevice();
  private final String name;
  private final long totalBytes;
  private final int computeCapability; // for example 90, for 9.0
  private final int multiprocessors;
  private final int sharedBytes;
  private final CUcontext context = new CUcontext();
  private final CUmodule module = new CUmodule();
  private final CUstream stream = new CUstream();
  private final Map<String, Kernel> kernels = new HashMap<>();
  private final List<DeviceMemory> allocated = new ArrayList<>();
  private final List<CUevent> events = new ArrayList<>();

  private Supplier<String> operation = () -> "start-up";
  private String lastKernel = "";
  private boolean wgmma;

  /** Fails if this process sees no such device. */
  static void requireOrdinal(int ordinal) {
    int count = count();
    if (count == 0) {
      throw CudaErrors.noDevice("the driver sees none");
    }
    if (ordinal >= count) {
      throw CudaErrors.noSuchDevice(ordinal, count);
    }
  }

  /** The CUDA devices that this process sees; loads the driver. */
  private static int count() {
    JcudaLibrary.load();
    try {
      int result = JCudaDriver.cuInit(0);
      int[] count = new int[1];
      if (result == CUresult.CUDA_SUCCESS) {
        result = JCudaDriver.cuDeviceGetCount(count);
      }
      if (result != CUresult.CUDA_SUCCESS) {
        throw CudaErrors.noDevice(CUresult.stringFor(result) + ": " + text(result));
      }
      return count[0];
    } catch (UnsatisfiedLinkError e) {
      throw CudaErrors.noDriver(e);
    }
  }

  /** Fails if there is no such device, or it or its driver is too old for the kernels. */
  CudaDevice(int ordinal, KernelImage image) {
    requireOrdinal(ordinal);
    int[] driver = new int[1];
    check(JCudaDriver.cuDriverGetVersion(driver));
    if (driver[0] / 1000 < image.toolkitVersion() / 1000) {
      throw CudaErrors.driverTooOld(driver[0], image.toolkitVersion());
    }
    this.ordinal = ordinal;
    check(JCudaDriver.cuDeviceGet(handle, ordinal));
    byte[] text = new byte[256];
    check(JCudaDriver.cuDeviceGetName(text, text.length, handle));
    name = new String(text, StandardCharsets.UTF_8).replaceAll("\0.*", "");
    computeCapability =
        10 * attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
            + attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    if (computeCapability < LEAST_COMPUTE_CAPABILITY) {
      throw CudaErrors.deviceTooOld(this.toString(), computeCapability);
    }
    multiprocessors = attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
    sharedBytes =
        attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
    long[] bytes = new long[1];
    check(JCudaDriver.cuDeviceTotalMem(bytes, handle));
    totalBytes = bytes[0];
    check(JCudaDriver.cuDevicePrimaryCtxRetain(context, handle));
    try {
      use();
      int loaded = JCudaDriver.cuModuleLoadData(module, image.image());
      if (loaded == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
        throw CudaErrors.noMemoryLeft(toString(), "loading the kernels");
      }
      if (loaded != CUresult.CUDA_SUCCESS) {
        throw image.placeholder() != null
            ? CudaErrors.noKernels(image.placeholder())
            : CudaErrors.kernelsRefused(toString(), loaded, text(loaded));
      }
      image.kernelNames().forEach(this::load);
      check(JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING));
    } catch (RuntimeException | Error e) {
      JCudaDriver.cuDevicePrimaryCtxRelease(handle);
      throw e;
    }
  }

  /** A device attribute as the driver has it. */
  int attribute(int attribute) {
    int[] value = new int[1];
    check(JCudaDriver.cuDeviceGetAttribute(value, attribute, handle));
    return value[0];
  }

  /** Makes this thread's calls go to this device. */
  CudaDevice use() {
    check(JCudaDriver.cuCtxSetCurrent(context));
    return this;
  }

  /** Says what the following calls are for, in case one of them fails. */
  void operation(Supplier<String> what) {
    operation = what;
  }

  void launched(String kernel) {
    lastKernel = kernel;
  }

  /**
   * Takes a driver call's result. Fails if memory ran out, and for good at any other error, which
   * may be the fault of any work queued before.
   */
  void check(int result) {
    if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
      throw CudaErrors.noMemoryLeft(toString(), operation.get());
    }
    if (result != CUresult.CUDA_SUCCESS) {
      throw CudaErrors.fatal(toString(), operation.get(), lastKernel, result, text(result));
    }
  }

  private static String text(int result) {
    String[] text = new String[1];
    JCudaDriver.cuGetErrorString(result, text);
    return String.valueOf(text[0]);
  }

  /** Lets this device reach another one's memory directly, if the machine can do that. */
  boolean reach(CudaDevice other) {
    int[] can = new int[1];
    check(JCudaDriver.cuDeviceCanAccessPeer(can, handle, other.handle));
    if (can[0] == 0) {
      return false;
    }
    use();
    int result = JCudaDriver.cuCtxEnablePeerAccess(other.context, 0);
    // Where the driver refuses, it copies over the host all the same.
    return result == CUresult.CUDA_SUCCESS
        || result == CUresult.CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED;
  }

  int multiprocessors() {
    return multiprocessors;
  }

  /** Whether kernels copy in bulk, which compute capability 9.0 brought. */
  boolean copiesInBulk() {
    return computeCapability >= BULK_COMPUTE_CAPABILITY;
  }

  /** Has products computed by wgmma from now on. Fails if this device has no such instruction. */
  void multiplyByWgmma() {
    if (computeCapability != WGMMA_COMPUTE_CAPABILITY) {
      throw CudaErrors.noWgmma(toString(), computeCapability);
    }
    wgmma = true;
  }

  boolean multipliesByWgmma() {
    return wgmma;
  }

  /** Dynamic shared memory that a block can have. */
  int sharedBytes() {
    return sharedBytes;
  }

  long totalBytes() {
    return totalBytes;
  }

  /** Refuses what is sure to run out of memory, before it takes any. */
  void requireFree(long bytes, String what, Supplier<String> plan) {
    use();
    long free = freeBytes();
    if (free < bytes) {
      throw CudaErrors.outOfMemory(toString(), what, bytes, free, plan.get());
    }
  }

  private long freeBytes() {
    long[] free = new long[1];
    check(JCudaDriver.cuMemGetInfo(free, new long[1]));
    return free[0];
  }

  String describe() {
    return String.format(
        Locale.ROOT,
        "%s, %.1f GiB, compute capability %d.%d%s",
        name,
        totalBytes / 1073741824.0,
        computeCapability / 10,
        computeCapability % 10,
        wgmma ? ", wgmma on, which no GPU has proven yet" : "");
  }

  CUstream stream() {
    return stream;
  }

  CUcontext context() {
    return context;
  }

  Kernel kernel(String kernelName) {
    Kernel kernel = kernels.get(kernelName);
    if (kernel == null && !load(kernelName)) {
      throw new IllegalArgumentException("no kernel " + kernelName + " for " + this);
    }
    return kernel == null ? kernels.get(kernelName) : kernel;
  }

  /**
   * Has the driver bring a kernel's code to the device, which it else does in the middle of the
   * first step that launches the kernel, waiting for all work under way. Returns whether this
   * device has such a kernel: some are for others. Source: CUDA C++ Programming Guide, "Lazy
   * Loading", where asking for a function is the way to load it early.
   */
  private boolean load(String kernelName) {
    CUfunction function = new CUfunction();
    int result = JCudaDriver.cuModuleGetFunction(function, module, kernelName);
    if (result == CUresult.CUDA_ERROR_NOT_FOUND) {
      return false;
    }
    check(result);
    kernels.put(kernelName, new Kernel(this, kernelName, function));
    return true;
  }

  /** Names of the kernels that are loaded. */
  Set<String> loadedKernels() {
    return Set.copyOf(kernels.keySet());
  }

  /**
   * Memory with anything in it, aligned to 256 bytes; freed with the device, or by {@link #free}.
   * Where it does not fit, the error says what it was for, and what was planned to be where.
   */
  DeviceMemory allocate(long bytes, String what, Supplier<String> plan) {
    DeviceMemory memory = new DeviceMemory(bytes);
    int result = JCudaDriver.cuMemAlloc(memory, Math.max(bytes, 16));
    if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
      throw CudaErrors.outOfMemory(toString(), what, bytes, freeBytes(), plan.get());
    }
    check(result);
    allocated.add(memory);
    return memory;
  }

  void free(DeviceMemory memory) {
    allocated.remove(memory);
    check(JCudaDriver.cuMemFree(memory));
  }

  void copyToDevice(DeviceMemory to, Pointer from, long bytes) {
    if (bytes > 0) {
      check(JCudaDriver.cuMemcpyHtoDAsync(to, from, bytes, stream));
    }
  }

  void copyToHost(Pointer to, DeviceMemory from, long bytes) {
    check(JCudaDriver.cuMemcpyDtoHAsync(to, from, bytes, stream));
  }

  void clear(DeviceMemory memory) {
    check(JCudaDriver.cuMemsetD8Async(memory, (byte) 0, memory.bytes(), stream));
  }

  /** An event without a time, destroyed with the device. */
  CUevent event() {
    CUevent event = new CUevent();
    check(JCudaDriver.cuEventCreate(event, CUevent_flags.CU_EVENT_DISABLE_TIMING));
    events.add(event);
    return event;
  }

  void record(CUevent event) {
    check(JCudaDriver.cuEventRecord(event, stream));
  }

  /** What is queued from now on waits for what was queued before the event was recorded. */
  void waitFor(CUevent event) {
    check(JCudaDriver.cuStreamWaitEvent(stream, event, 0));
  }

  /** The host waits for what was queued before the event was recorded. */
  void await(CUevent event) {
    check(JCudaDriver.cuEventSynchronize(event));
  }

  void synchronize() {
    check(JCudaDriver.cuStreamSynchronize(stream));
  }

  /** Frees everything. Errors are not reported: of a lost context every call fails. */
  @Override
  public void close() {
    JCudaDriver.cuCtxSetCurrent(context);
    JCudaDriver.cuStreamSynchronize(stream);
    events.forEach(JCudaDriver::cuEventDestroy);
    allocated.forEach(JCudaDriver::cuMemFree);
    JCudaDriver.cuStreamDestroy(stream);
    JCudaDriver.cuModuleUnload(module);
    JCudaDriver.cuDevicePrimaryCtxRelease(handle);
  }

  @Override
  public String toString() {
    return "CUDA device " + ordinal + " (" + name + ")";
  }
}
