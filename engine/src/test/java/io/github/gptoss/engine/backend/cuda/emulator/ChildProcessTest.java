package io.github.gptoss.engine.backend.cuda.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A JVM that only has the environment for it, as Spark's executors have, finds the emulator. */
class ChildProcessTest {
  /** What the other JVM runs: it knows nothing of the emulator. */
  static final class CountsDevices {
    private CountsDevices() {}

    public static void main(String[] args) {
      int[] count = new int[1];
      Driver.check(JCudaDriver.cuInit(0));
      Driver.check(JCudaDriver.cuDeviceGetCount(count));
      float[] values = new Driver(2).downloadFloats(new Driver(2).upload(4f, 2f), 2);
      System.out.println(count[0] + " devices, " + values[0] + " " + values[1]);
    }
  }

  @BeforeAll
  static void requireEmulator() {
    GpuTests.requireEmulator();
  }

  @Test
  void findsTheEmulatorByItsEnvironment() throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            CountsDevices.class.getName());
    builder.environment().put("LD_LIBRARY_PATH", GpuEmulator.folder().toString());
    builder.environment().put("CUDA_EMULATOR", EmulatedMachine.fast().devices(8, 8, 8).toString());
    Process java = builder.redirectErrorStream(true).start();
    String out = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(out).isEqualToIgnoringNewLines("3 devices, 4.0 2.0");
    assertThat(java.waitFor()).isZero();
  }
}
