package io.github.gptoss.engine.backend.cuda.emulator;

import io.github.gptoss.engine.backend.cuda.emulator.EmulatedMachine.Order;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * What GPU tests call first. {@code -Dgpu=real} runs them on a real GPU; {@code
 * -Drequire.gpu.emulator=true} makes a failure of what would be skipped.
 */
public final class GpuTests {
  private GpuTests() {}

  /** Whether a real GPU was asked for in place of the emulator. */
  public static boolean onRealGpu() {
    return "real".equals(System.getProperty("gpu"));
  }

  /** Starts the machine in this JVM's emulator, or leaves the real GPU as it is. */
  public static void start(EmulatedMachine machine) {
    if (!onRealGpu()) {
      requireEmulator();
      machine.start();
    }
  }

  /** Takes a device's memory as another process would, until the machine starts anew. */
  public static void takeMemory(int device, long bytes) {
    new Driver(device).allocate(bytes);
  }

  /**
   * All ways to run a kernel that have to agree: the fast build, and the checked one in every
   * order; one on a real GPU.
   */
  static List<EmulatedMachine> machines(long seed) {
    List<EmulatedMachine> machines = new ArrayList<>(List.of(EmulatedMachine.fast()));
    for (Order order : onRealGpu() ? new Order[0] : Order.values()) {
      machines.add(EmulatedMachine.checked().order(order, seed));
    }
    return machines;
  }

  /** For tests of the emulator itself, and those that need what only it can do. */
  public static void requireEmulator() {
    Assumptions.assumeFalse(onRealGpu(), "runs on the emulator only");
    try {
      GpuEmulator.install();
    } catch (EmulatorUnavailableException e) {
      String reason = "there is no GPU emulator: " + e.getMessage();
      if (Boolean.getBoolean("require.gpu.emulator")) {
        Assertions.fail(reason);
      }
      Assumptions.abort(reason);
    }
  }
}
