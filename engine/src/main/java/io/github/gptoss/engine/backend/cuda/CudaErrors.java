package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidConfigException;
import java.util.List;
import jcuda.driver.CUresult;

/** The errors of this backend. */
final class CudaErrors {
  private static final String INSTEAD = ", or use backend 'cpu'";

  private CudaErrors() {}

  static InvalidConfigException noLibrary(String file) {
    return new InvalidConfigException(
        "backend 'cuda' has no native library for this platform ("
            + file
            + " is not on the class path): it runs on x86-64 Linux; use backend 'cpu' here");
  }

  static InvalidConfigException noDriver(Throwable cause) {
    return new InvalidConfigException(
        "backend 'cuda' needs an NVIDIA driver, and libcuda.so.1 cannot be loaded ("
            + linkError(cause)
            + "): install the driver on every machine that computes"
            + INSTEAD,
        cause);
  }

  static GptOssException incompleteJar(NoClassDefFoundError cause) {
    return new GptOssException(
        "backend 'cuda' misses the class "
            + cause.getMessage()
            + ": this jar is incomplete, or another JCuda comes before it on the class path",
        cause);
  }

  static InvalidConfigException noDevice(String why) {
    return new InvalidConfigException(
        "backend 'cuda' finds no usable GPU ("
            + why
            + "): check nvidia-smi and CUDA_VISIBLE_DEVICES on this machine"
            + INSTEAD);
  }

  static InvalidConfigException noSuchDevice(int device, int count) {
    return new InvalidConfigException(
        "backend 'cuda' has no device "
            + device
            + ": this process sees "
            + count
            + (count == 1 ? " device" : " devices")
            + ", numbered from 0; set the option device, or CUDA_VISIBLE_DEVICES");
  }

  static InvalidConfigException driverTooOld(int driver, int toolkit) {
    return new InvalidConfigException(
        "the NVIDIA driver supports CUDA "
            + version(driver)
            + ", and the kernels in this jar were built with CUDA "
            + version(toolkit)
            + ": install a driver for CUDA "
            + toolkit / 1000
            + ".0 or later ("
            + driverBranch(toolkit)
            + "), build the jar with an older toolkit"
            + INSTEAD);
  }

  static InvalidConfigException deviceTooOld(String device, int tenfold) {
    return new InvalidConfigException(
        device
            + " has compute capability "
            + tenfold / 10
            + "."
            + tenfold % 10
            + ", and the kernels need 8.0 (Ampere) or later: use another GPU"
            + INSTEAD);
  }

  /**
   * @param placeholder the build's line that says why there are none
   */
  static InvalidConfigException noKernels(String placeholder) {
    return new InvalidConfigException(
        "backend 'cuda' is not available: this jar was "
            + placeholder.strip()
            + "; build it with nvcc of CUDA 12.8 or later (-Drequire.cuda=true installs one)"
            + INSTEAD);
  }

  static InvalidConfigException kernelsRefused(String device, int result, String text) {
    return new InvalidConfigException(
        device
            + " cannot load the kernels of this jar: "
            + CUresult.stringFor(result)
            + " ("
            + text
            + "); install a newer driver"
            + INSTEAD);
  }

  static InvalidConfigException unsupportedShape(String what, int value, String supported) {
    return new InvalidConfigException(
        "backend 'cuda' cannot run this model: "
            + what
            + " is "
            + value
            + ", and its kernels support "
            + supported
            + "; use backend 'cpu'");
  }

  static InvalidConfigException outOfMemory(
      String device, String what, long bytes, long freeBytes, String plan) {
    return new InvalidConfigException(
        device
            + " has "
            + freeBytes
            + " bytes free, and "
            + what
            + " needs "
            + bytes
            + ": end what else uses this GPU, or lower gpu_memory_utilization, kv_cache_bytes or"
            + " max_num_batched_tokens; planned was: "
            + plan);
  }

  /** As {@link #outOfMemory}, of what the driver takes for itself. */
  static InvalidConfigException noMemoryLeft(String device, String operation) {
    return new InvalidConfigException(
        device
            + " ran out of memory in "
            + operation
            + ": end what else uses this GPU, or lower gpu_memory_utilization or kv_cache_bytes");
  }

  static InvalidConfigException noPinnedMemory(long bytes) {
    return new InvalidConfigException(
        "this machine gave no "
            + bytes
            + " bytes of page-locked memory, which copies to a GPU need: raise the container's memory"
            + " (spark.executor.memoryOverhead) or the limit on locked memory (ulimit -l)");
  }

  /**
   * @param share of the device's memory that may be used
   * @param devices of this size that would hold it; 0 if no number of them does
   */
  static InvalidConfigException doesNotFit(
      int device, long totalBytes, double share, long bytes, String plan, int devices) {
    return new InvalidConfigException(
        "the model does not fit: "
            + available(device, totalBytes, share)
            + bytes
            + " are needed ("
            + plan
            + (share < 1
                ? "): raise gpu_memory_utilization, lower max_num_batched_tokens, or "
                : "): lower kv_cache_bytes, max_num_batched_tokens or max_model_len, or ")
            + larger(devices));
  }

  /** As {@link #doesNotFit}, where nothing but the weights is to blame. */
  static InvalidConfigException weightsDoNotFit(
      int device, long totalBytes, long bytes, int devices) {
    return new InvalidConfigException(
        "the model does not fit: "
            + available(device, totalBytes, 1)
            + "the weights of its layers take "
            + bytes
            + ": "
            + larger(devices));
  }

  private static String available(int device, long totalBytes, double share) {
    return "device "
        + device
        + " of this engine has "
        + totalBytes
        + " bytes"
        + (share < 1
            ? ", of which gpu_memory_utilization leaves " + (long) (share * totalBytes)
            : "")
        + ", and ";
  }

  private static String larger(int devices) {
    return "use a larger GPU, or "
        + (devices == 0
            ? "a smaller model: no number of GPUs of this size holds it"
            : "split the layers over "
                + devices
                + " of this size or more (pipeline_parallel_size="
                + devices
                + ")");
  }

  /** Something that no later call on the device can be trusted after. */
  static GptOssException fatal(
      String device, String operation, String lastKernel, int result, String text) {
    return new GptOssException(
        device
            + " failed in "
            + operation
            + (lastKernel.isEmpty() ? "" : " (last kernel launched: " + lastKernel + ")")
            + ": "
            + CUresult.stringFor(result)
            + ": "
            + text
            + "; its CUDA context is lost: start another process for another engine");
  }

  private static String version(int thousands) {
    return thousands / 1000 + "." + thousands % 1000 / 10;
  }

  private static String driverBranch(int toolkit) {
    // Source: CUDA Toolkit release notes, table of minimum drivers for minor version compatibility.
    return toolkit / 1000 >= 13 ? "580 or later" : "525 or later";
  }

  /** What the loader said, out of JCuda's report of it. */
  private static String linkError(Throwable cause) {
    List<String> lines = String.valueOf(cause.getMessage()).strip().lines().toList();
    return lines.stream()
        .filter(line -> line.contains("libcuda.so"))
        .findFirst()
        .orElse(lines.isEmpty() ? "" : lines.get(0))
        .replaceFirst("^java\\.lang\\.UnsatisfiedLinkError: ", "")
        .strip();
  }
}
