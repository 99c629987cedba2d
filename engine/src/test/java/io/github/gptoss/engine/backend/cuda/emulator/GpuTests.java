package io.github.gptoss.engine.backend.cuda.emulator;

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
