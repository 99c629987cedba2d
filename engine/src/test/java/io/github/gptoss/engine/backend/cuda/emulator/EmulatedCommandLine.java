package io.github.gptoss.engine.backend.cuda.emulator;

import io.github.gptoss.engine.cli.Main;

/**
 * The command line on the emulator: what {@code bin/gptoss} runs where {@code
 * GPTOSS_GPU_EMULATOR=1} is set. {@code CUDA_EMULATOR} describes the machine.
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
    Main.main(args);
  }
}
