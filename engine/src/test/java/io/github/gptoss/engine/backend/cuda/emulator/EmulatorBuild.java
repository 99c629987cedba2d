package io.github.gptoss.engine.backend.cuda.emulator;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One call of build.sh: compiles what has changed and names the folder with the libraries. */
record EmulatorBuild(Path sources, Path output, String compiler, List<Path> kernels) {
  private static final int COMPILER_SECONDS = 60;

  static EmulatorBuild ofThisCheckout() throws EmulatorUnavailableException {
    String system = System.getProperty("os.name") + " on " + System.getProperty("os.arch");
    if (!system.equals("Linux on amd64")) {
      throw new EmulatorUnavailableException("it runs only with Linux on amd64, not " + system);
    }
    Path module = GpuEmulator.engineModule();
    Path sources = module.resolve("src/test/cuda-emulator");
    if (!Files.isDirectory(sources)) {
      throw new EmulatorUnavailableException("its sources are not in " + sources);
    }
    return new EmulatorBuild(sources, module.resolve("target/cuda-emulator"), "g++", List.of());
  }

  Path lockFile() throws IOException {
    return Files.createDirectories(output).resolve("lock");
  }

  Path run() throws EmulatorUnavailableException, IOException {
    requireCompiler();
    List<String> command = new ArrayList<>();
    command.add("bash");
    command.add(sources.resolve("build.sh").toString());
    command.add(output.toString());
    kernels.forEach(kernel -> command.add(kernel.toString()));
    Path log = Files.createDirectories(output).resolve("build.log");
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
    builder.environment().put("CXX", compiler);
    Process process = builder.start();
    String folder =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (waitFor(process) != 0) {
      throw new IllegalStateException(
          "the GPU emulator does not build:\n" + Files.readString(log) + folder);
    }
    return Path.of(folder);
  }

  private void requireCompiler() throws EmulatorUnavailableException {
    try {
      Process process =
          new ProcessBuilder(compiler, "--version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(COMPILER_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new EmulatorUnavailableException(compiler + " does not run");
      }
    } catch (IOException e) {
      throw new EmulatorUnavailableException(compiler + " is not installed");
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static int waitFor(Process process) {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted while building the GPU emulator", e);
  }
}
