package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidConfigException;
import java.util.List;
import jcuda.driver.CUresult;

/** The errors of this backend. */
final class CudaErrors {
  private static final String INSTEAD = ", or use backend 'cpu'";

  private static final String FEWER_ADAPTERS = "name fewer in lora_adapters";

  private CudaErrors() {}

  static InvalidConfigException noLibrary(String file) {
    return config(
        "backend 'cuda' has no native library for this platform (%s is not on the class path): it"
            + " runs on x86-64 Linux; use backend 'cpu' here",
        file);
  }

  static InvalidConfigException noDriver(Throwable cause) {
    String message =
        "backend 'cuda' needs an NVIDIA driver, and libcuda.so.1 cannot be loaded (%s): install the"
            + " driver on every machine that computes";
    return new InvalidConfigException(message.formatted(linkError(cause)) + INSTEAD, cause);
  }

  static GptOssException incompleteJar(NoClassDefFoundError cause) {
    String message =
        "backend 'cuda' misses the class %s: this jar is incomplete, or another JCuda comes before"
            + " it on the class path";
    return new GptOssException(message.formatted(cause.getMessage()), cause);
  }

  static InvalidConfigException noDevice(String why) {
    return config(
        "backend 'cuda' finds no usable GPU (%s): check nvidia-smi and CUDA_VISIBLE_DEVICES on this"
            + " machine%s",
        why, INSTEAD);
  }

  static InvalidConfigException noSuchDevice(int device, int count) {
    return config(
        "backend 'cuda' has no device %d: this process sees %d device%s, numbered from 0; set the"
            + " option device, or CUDA_VISIBLE_DEVICES",
        device, count, count == 1 ? "" : "s");
  }

  static InvalidConfigException driverTooOld(int driver, int toolkit) {
    return config(
        "the NVIDIA driver supports CUDA %s, and the kernels in this jar were built with CUDA %s:"
            + " install a driver for CUDA %d.0 or later (%s), build the jar with an older toolkit"
            + "%s",
        version(driver), version(toolkit), toolkit / 1000, driverBranch(toolkit), INSTEAD);
  }

  static InvalidConfigException deviceTooOld(String device, int tenfold) {
    return config(
        "%s has compute capability %d.%d, and the kernels need 8.0 (Ampere) or later: use another"
            + " GPU"
            + INSTEAD,
        device,
        tenfold / 10,
        tenfold % 10);
  }

  static InvalidConfigException noWgmma(String device, int tenfold) {
    return config(
        "%s has compute capability %d.%d, and only 9.0 (H100, H200) has the instructions that"
            + " cuda_wgmma asks for: leave this option off",
        device, tenfold / 10, tenfold % 10);
  }

  /** The placeholder is the build's line that says why there are none. */
  static InvalidConfigException noKernels(String placeholder) {
    return config(
        "backend 'cuda' is not available: this jar was %s; build it with nvcc of CUDA 12.8 or later"
            + " (-Drequire.cuda=true installs one)%s",
        placeholder.strip(), INSTEAD);
  }

  static InvalidConfigException kernelsRefused(String device, int result, String text) {
    return config(
        "%s cannot load the kernels of this jar: %s (%s); install a newer driver%s",
        device, CUresult.stringFor(result), text, INSTEAD);
  }

  static InvalidConfigException unsupportedShape(String what, int value, String supported) {
    return config(
        "backend 'cuda' cannot run this model: %s is %d, and its kernels support %s; use backend"
            + " 'cpu'",
        what, value, supported);
  }

  static InvalidConfigException outOfMemory(
      String device, String what, long bytes, long freeBytes, String plan) {
    return config(
        "%s has %d bytes free, and %s needs %d: end what else uses this GPU, or lower"
            + " gpu_memory_utilization, kv_cache_bytes or max_num_batched_tokens; planned was: %s",
        device, freeBytes, what, bytes, plan);
  }

  /** As {@link #outOfMemory}, of what the driver takes for itself. */
  static InvalidConfigException noMemoryLeft(String device, String operation) {
    return config(
        "%s ran out of memory in %s: end what else uses this GPU, or lower gpu_memory_utilization"
            + " or kv_cache_bytes",
        device, operation);
  }

  static InvalidConfigException noPinnedMemory(long bytes) {
    return config(
        "this machine gave no %d bytes of page-locked memory, which copies to a GPU need: raise the"
            + " container's memory (spark.executor.memoryOverhead) or the limit on locked memory"
            + " (ulimit -l)",
        bytes);
  }

  /** So many devices of this size would hold it, with this share of their memory; 0 if none do. */
  static InvalidConfigException doesNotFit(
      int device,
      long totalBytes,
      double share,
      long bytes,
      String plan,
      long adapterBytes,
      int devices) {
    return config(
        "the model does not fit: %s%d are needed (%s): %s, %sor %s",
        available(device, totalBytes, share),
        bytes,
        plan,
        share < 1
            ? "raise gpu_memory_utilization, lower max_num_batched_tokens"
            : "lower kv_cache_bytes, max_num_batched_tokens or max_model_len",
        adapterBytes == 0 ? "" : FEWER_ADAPTERS + ", ",
        larger(devices));
  }

  /** As {@link #doesNotFit}, where nothing but the weights is to blame. */
  static InvalidConfigException weightsDoNotFit(
      int device, long totalBytes, long bytes, long adapterBytes, int devices) {
    return config(
        "the model does not fit: %sthe weights of its layers take %d%s: %s%s",
        available(device, totalBytes, 1),
        bytes,
        adapterBytes == 0 ? "" : ", of which adapters " + adapterBytes,
        adapterBytes == 0 ? "" : FEWER_ADAPTERS + ", or ",
        larger(devices));
  }

  private static String available(int device, long totalBytes, double share) {
    String usable =
        share < 1 ? ", of which gpu_memory_utilization leaves " + (long) (share * totalBytes) : "";
    return "device %d of this engine has %d bytes%s, and ".formatted(device, totalBytes, usable);
  }

  private static String larger(int devices) {
    return devices == 0
        ? "use a larger GPU, or a smaller model: no number of GPUs of this size holds it"
        : ("use a larger GPU, or split the layers over %1$d of this size or more"
                + " (pipeline_parallel_size=%1$d)")
            .formatted(devices);
  }

  /** Something that no later call on the device can be trusted after. */
  static GptOssException fatal(
      String device, String operation, String lastKernel, int result, String text) {
    String message =
        "%s failed in %s%s: %s: %s; its CUDA context is lost: start another process for another"
            + " engine";
    String kernel = lastKernel.isEmpty() ? "" : " (last kernel launched: " + lastKernel + ")";
    return new GptOssException(
        message.formatted(device, operation, kernel, CUresult.stringFor(result), text));
  }

  // @FormatMethod would need Error Prone's annotations at run time.
  @SuppressWarnings("AnnotateFormatMethod")
  private static InvalidConfigException config(String format, Object... arguments) {
    return new InvalidConfigException(String.format(format, arguments));
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
