package io.github.gptoss.engine.backend.cuda.emulator;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import jcuda.driver.CUdevice;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/**
 * What the emulated machine is like. Values that are not set have the defaults of the emulator's
 * settings.h: one device of 256 MiB and compute capability 9.0, forward order, the fast build.
 */
public final class EmulatedMachine {
  /** The order in which ready threads, warps, blocks and streams are picked. */
  public enum Order {
    FORWARD,
    REVERSE,
    RANDOM
  }

  private final Map<String, Object> settings;

  private EmulatedMachine(Map<String, Object> settings) {
    this.settings = settings;
  }

  /** The default machine, for speed. */
  public static EmulatedMachine fast() {
    return new EmulatedMachine(Map.of());
  }

  /** Runs the checked build of the kernels with every check on. */
  public static EmulatedMachine checked() {
    return fast().with("checked", 1).with("races", 1).with("uninitialised", 1);
  }

  /** Devices with so much memory each, in MiB. */
  public EmulatedMachine devices(int... memoryMebibytes) {
    String memory =
        Arrays.stream(memoryMebibytes).mapToObj(Integer::toString).collect(Collectors.joining("/"));
    return with("devices", memoryMebibytes.length).with("memory", memory);
  }

  /** The order of picking, and the seed where it is random. */
  public EmulatedMachine order(Order order, long seed) {
    return with("order", order.name().toLowerCase(Locale.ROOT)).with("seed", seed);
  }

  /**
   * Queued work runs only when the host waits for it, as late as CUDA's rules allow; in random
   * order perhaps sooner, before older work of other streams.
   */
  public EmulatedMachine deferred() {
    return with("deferred", 1);
  }

  /** Without the races check, for kernels that take too long with it. */
  public EmulatedMachine withoutRaces() {
    return with("races", 0);
  }

  /** Without the check for reads of what nobody wrote, which finds many a race first. */
  public EmulatedMachine withoutUninitialised() {
    return with("uninitialised", 0);
  }

  /** The multiprocessors that a device reports. */
  public EmulatedMachine processors(int count) {
    return with("processors", count);
  }

  /** For example 80, for compute capability 8.0. */
  public EmulatedMachine computeCapability(int tenfold) {
    return with("cc", tenfold);
  }

  /** What cuDriverGetVersion returns; 13000 is 13.0. */
  public EmulatedMachine driverVersion(int version) {
    return with("driver", version);
  }

  /**
   * A launch of the process, counted from 1, ends with this code, as where hardware fails: {@code
   * CUDA_ERROR_ECC_UNCORRECTABLE}, for example.
   */
  public EmulatedMachine fault(long launch, int code) {
    return with("fault_launch", launch).with("fault", code);
  }

  /** Findings are not printed on standard error; cuGetErrorString has them all the same. */
  public EmulatedMachine quiet() {
    return with("quiet", 1);
  }

  private EmulatedMachine with(String key, Object value) {
    Map<String, Object> next = new LinkedHashMap<>(settings);
    next.put(key, value);
    return new EmulatedMachine(next);
  }

  /**
   * Makes the emulator this machine, anew: contexts, streams, modules and memory of before are
   * gone, and using them is an error. The emulator has to be installed.
   */
  public void start() {
    int result = JCudaDriver.cuDeviceGetByPCIBusId(new CUdevice(), "emulator:" + this);
    if (result != CUresult.CUDA_SUCCESS) {
      throw new IllegalStateException(
          "the driver refuses to emulate '" + this + "': " + CUresult.stringFor(result));
    }
  }

  /**
   * The settings as the control string has them and the environment variable CUDA_EMULATOR takes.
   */
  @Override
  public String toString() {
    return settings.entrySet().stream()
        .map(entry -> entry.getKey() + "=" + entry.getValue())
        .collect(Collectors.joining(","));
  }
}
