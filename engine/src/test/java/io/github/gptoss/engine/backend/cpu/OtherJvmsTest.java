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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The tests that compare vector kernels with plain Java bit for bit, in JVMs with other vectors and
 * compilers. Plain Java gives the same bits in all of them, so every JVM gives those. In a JVM of
 * another version the tests of whole models run too.
 */
class OtherJvmsTest {
  private static final int FIRST_OTHER_VERSION = 19;

  private static final List<String> KERNELS = List.of("backend.cpu.KernelsTest");

  private static final List<String> BITS =
      List.of("backend.cpu.KernelsTest", "backend.cpu.CpuModelTest");

  /** What the engine computes on the CPU: bits, figures of reference, adapters, sampling, stops. */
  private static final List<String> ENGINE =
      List.of(
          "backend.cpu.KernelsTest",
          "backend.cpu.CpuModelTest",
          "backend.cpu.AdapterProductsTest",
          "backend.cpu.WorkersTest",
          "GoldenModelTest",
          "LoraGoldenTest",
          "weights.Float16ModelTest",
          "GptOssEngineTest",
          "DemoModelTest");

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "-XX:MaxVectorSize=16, Vector API 128 bit",
    "-XX:MaxVectorSize=32, Vector API 256 bit",
    "-XX:TieredStopAtLevel=1, Vector API",
    "-Dgptoss.cpu.kernels=scalar, scalar"
  })
  void vectorsAndCompilersGiveTheSameBits(String flags, String kernels) throws Exception {
    assumeTrue(
        flags.startsWith("-D") || Lanes.LANES >= 8 || !flags.contains("=32"),
        "this CPU's vectors hold " + Lanes.LANES + " floats");
    run(ownJdk(), flags, kernels, BITS);
  }

  /** Where the JIT boxes vectors, a step leaves 8 to 190 MB; its own arrays take less than 0.1. */
  @Test
  void vectorsStayInRegisters() throws Exception {
    String said =
        run(ownJdk(), "-XX:+UseParallelGC", StepGarbage.class, List.of(folder.toString()));
    Matcher bytes = Pattern.compile("bytes a step: (\\d+)").matcher(said);
    assertThat(bytes.find()).as(said).isTrue();
    assertThat(Long.parseLong(bytes.group(1))).isLessThan(500_000);
  }

  /** Few tests, since they take a hundred times longer. */
  @ParameterizedTest
  @CsvSource({
    "-Xint -Dexcluded.tag=long, Vector API",
    "-XX:UseAVX=0 -Dexcluded.tag=long, Vector API 128 bit"
  })
  void interpretersAndOldProcessorsGiveTheSameBits(String flags, String kernels) throws Exception {
    assumeTrue(
        flags.startsWith("-Xint") || System.getProperty("os.arch").equals("amd64"),
        "this CPU has no AVX to leave out");
    run(ownJdk(), flags, kernels, KERNELS);
  }

  /** The Vector API of JDK 19 and later lacks what earlier ones have, and the other way round. */
  @Test
  void laterJdksRunTheEngine() throws Exception {
    Optional<Path> jdk = laterJdk();
    assumeTrue(
        jdk.isPresent(),
        "beside " + System.getProperty("java.home") + " there is no JDK of version 19 or later");
    run(jdk.get(), "-XX:+UseParallelGC", Lanes.F.vectorBitSize() + " bit", ENGINE);
    run(jdk.get(), "-XX:MaxVectorSize=16", "Vector API 128 bit", BITS);
  }

  private static Path ownJdk() {
    return Path.of(System.getProperty("java.home"));
  }

  private void run(Path jdk, String flags, String kernels, List<String> tests) throws Exception {
    List<String> names = tests.stream().map(test -> "io.github.gptoss.engine." + test).toList();
    assertThat(run(jdk, flags, CpuTests.class, names)).contains(kernels);
  }

  /** Returns what the program says. */
  private String run(Path jdk, String flags, Class<?> program, List<String> args) throws Exception {
    Path output = folder.resolve("output.txt");
    List<String> command = new ArrayList<>();
    command.add(jdk.resolve("bin/java").toString());
    command.add("--add-modules=jdk.incubator.vector");
    command.addAll(List.of(flags.split(" ")));
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(program.getName());
    command.addAll(args);
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(10, TimeUnit.MINUTES)).as("ends in time").isTrue();
    } finally {
      process.destroyForcibly();
    }
    String said = Files.readString(output);
    assertThat(process.exitValue()).as(said).isZero();
    return said;
  }

  /** JDKs of a machine lie beside each other, or are in variables as GitHub's runners have them. */
  private static Optional<Path> laterJdk() throws IOException {
    Path own = Path.of(System.getProperty("java.home")).toRealPath();
    if (Runtime.version().feature() >= FIRST_OTHER_VERSION) {
      return Optional.of(own);
    }
    Stream<Path> named =
        System.getenv().entrySet().stream()
            .filter(variable -> variable.getKey().startsWith("JAVA_HOME_"))
            .map(variable -> Path.of(variable.getValue()));
    try (Stream<Path> others = Files.list(own.getParent())) {
      return Stream.concat(others, named)
          .filter(jdk -> feature(jdk) >= FIRST_OTHER_VERSION)
          .findFirst();
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
