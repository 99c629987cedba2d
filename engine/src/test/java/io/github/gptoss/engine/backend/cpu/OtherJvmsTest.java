package io.github.gptoss.engine.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The tests that compare vector kernels with plain Java bit for bit, in JVMs with other vectors and
 * compilers, and of another version. Plain Java gives the same bits in all of them, so every JVM
 * gives those.
 */
class OtherJvmsTest {
  private static final int FIRST_OTHER_VERSION = 19;

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "-XX:MaxVectorSize=16, Vector API 128 bit",
    "-XX:MaxVectorSize=32, Vector API 256 bit",
    "-XX:TieredStopAtLevel=1, Vector API",
    "-Dgptoss.cpu.kernels=scalar, scalar"
  })
  void vectorsAndCompilersGiveTheSameBits(String flag, String kernels) throws Exception {
    assumeTrue(
        flag.startsWith("-D") || Lanes.LANES >= 8 || !flag.contains("=32"),
        "this CPU's vectors hold " + Lanes.LANES + " floats");
    run(Path.of(System.getProperty("java.home")), flag, kernels);
  }

  /** The Vector API of JDK 19 and later lacks what earlier ones have, and the other way round. */
  @Test
  void laterJdksGiveTheSameBits() throws Exception {
    Optional<Path> jdk = laterJdk();
    assumeTrue(
        jdk.isPresent(),
        "beside " + System.getProperty("java.home") + " there is no JDK of version 19 or later");
    run(jdk.get(), "-XX:+UseParallelGC", Lanes.F.vectorBitSize() + " bit");
    run(jdk.get(), "-XX:MaxVectorSize=16", "Vector API 128 bit");
  }

  private void run(Path jdk, String flag, String kernels) throws Exception {
    Path output = folder.resolve("output.txt");
    List<String> command = new ArrayList<>();
    command.add(jdk.resolve("bin/java").toString());
    command.add("--add-modules=jdk.incubator.vector");
    command.add(flag);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(KernelTests.class.getName());
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor(10, TimeUnit.MINUTES)).as("ends in time").isTrue();
    String said = Files.readString(output);
    assertThat(process.exitValue()).as(said).isZero();
    assertThat(said).contains(kernels);
  }

  /** JDKs of a machine lie beside each other. */
  private static Optional<Path> laterJdk() throws IOException {
    Path own = Path.of(System.getProperty("java.home")).toRealPath();
    if (Runtime.version().feature() >= FIRST_OTHER_VERSION) {
      return Optional.of(own);
    }
    try (Stream<Path> others = Files.list(own.getParent())) {
      return others.filter(jdk -> feature(jdk) >= FIRST_OTHER_VERSION).findFirst();
    }
  }

  private static int feature(Path jdk) {
    Path release = jdk.resolve("release");
    if (!Files.isExecutable(jdk.resolve("bin/java")) || !Files.isRegularFile(release)) {
      return 0;
    }
    try (Stream<String> lines = Files.lines(release)) {
      return lines
          .filter(line -> line.startsWith("JAVA_VERSION="))
          .map(line -> line.replaceAll("JAVA_VERSION=\"(\\d+).*", "$1"))
          .mapToInt(Integer::parseInt)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
