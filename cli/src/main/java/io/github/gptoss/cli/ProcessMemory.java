package io.github.gptoss.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the operating system says of this process. */
final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String PEAK = "VmHWM:";
  private static final long KIB = 1024;

  private ProcessMemory() {}

  /** The most physical memory that the process has held; null where Linux's /proc is missing. */
  static Long peakBytes() {
    try {
      if (!Files.isReadable(STATUS)) {
        return null;
      }
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith(PEAK))
          .map(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIB)
          .findFirst()
          .orElse(null);
    } catch (IOException e) {
      return null; // a figure that the system does not give
    }
  }
}
