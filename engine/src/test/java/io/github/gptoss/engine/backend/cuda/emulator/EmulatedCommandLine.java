package io.github.gptoss.engine.backend.cuda.emulator;

import java.util.Arrays;

/**
 * Runs another main class on the emulator: {@code bin/gptoss} starts this one where {@code
 * GPTOSS_GPU_EMULATOR=1} is set. The first argument names the other class, which takes the rest.
 * {@code CUDA_EMULATOR} describes the machine.
 */
public final class EmulatedCommandLine {
  private EmulatedCommandLine() {}

  public static void main(String[] args) throws Exception {
    try {
      GpuEmulator.install();
    } catch (EmulatorUnavailableException e) {
      System.err.println("gptoss: there is no GPU emulator: " + e.getMessage());
      System.exit(2);
    }
    Class.forName(args[0])
        .getMethod("main", String[].class)
        .invoke(null, (Object) Arrays.copyOfRange(args, 1, args.length));
  }
}
