package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.spark.internal.engine.CudaCluster;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code backend=cuda} on executors whose CUDA driver is the emulated one of the engine's tests.
 */
class CudaIT {
  private static final Path EMULATOR =
      Sessions.ROOT.resolve("engine/src/test/cuda-emulator/build.sh");
  private static final Path SPARK_HOME = Sessions.ROOT.resolve("integration-tests/target/spark");

  @TempDir Path folder;

  /** Builds the emulator if need be; the folder with libcuda.so.1. */
  private Path emulator() throws Exception {
    Path out = folder.resolve("emulator.out");
    Path err = folder.resolve("emulator.err");
    int code =
        run(
            Map.of(),
            out,
            err,
            "bash",
            EMULATOR.toString(),
            Sessions.ROOT.resolve("engine/target/cuda-emulator").toString());
    if (code == 127) {
      String reason = "there is no GPU emulator: " + Files.readString(err);
      if (Boolean.getBoolean("require.gpu.emulator")) {
        Assertions.fail(reason);
      }
      Assumptions.abort(reason);
    }
    assertThat(code).as(Files.readString(err)).isZero();
    return Path.of(Files.readString(out).strip());
  }

  private int run(Map<String, String> environment, Path out, Path err, String... command)
      throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().putAll(environment);
    return builder.start().waitFor();
  }

  /**
   * As users have it: the shipped jar and Spark's, nothing that Maven would add; and this test's.
   */
  private static String classPath() throws IOException {
    return String.join(
        File.pathSeparator,
        Sessions.connectorJar(),
        SPARK_HOME.resolve("jars") + "/*",
        Sessions.ROOT.resolve("integration-tests/target/test-classes").toString());
  }

  /** What {@link CudaCluster} prints, with executors on such a machine. */
  private Set<String> cluster(String machine) throws Exception {
    Path smi = Files.createDirectories(folder.resolve("bin")).resolve("nvidia-smi");
    Files.writeString(smi, "#!/bin/sh\necho 0; echo 1\n");
    assertThat(smi.toFile().setExecutable(true)).isTrue();
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    int code =
        run(
            Map.of(
                "PATH",
                smi.getParent() + File.pathSeparator + System.getenv("PATH"),
                "SPARK_HOME",
                SPARK_HOME.toString(),
                "SPARK_SCALA_VERSION",
                "2.13"),
            out,
            err,
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "@" + Sessions.ROOT.resolve("conf/spark-java.args"),
            "-Xmx1g",
            "-Dlog4j2.configurationFile=" + Sessions.ROOT.resolve("conf/log4j2.properties"),
            "-cp",
            classPath(),
            CudaCluster.class.getName(),
            Sessions.ROOT.resolve("conf/gpu-discovery.sh").toString(),
            classPath(),
            emulator().toString(),
            machine,
            Sessions.ROOT.resolve("examples/data/demo-prompts.jsonl").toString(),
            folder.resolve("answers").toString());
    assertThat(code).as(Files.readString(err)).isZero();
    return new TreeSet<>(Files.readAllLines(out));
  }

  @Test
  void executorsWithAGpuEachAnswerIntoADeltaTable() throws Exception {
    Set<String> lines = cluster("devices=2,memory=400");
    assertThat(lines).contains("ROWS 24 RIGHT 24 ERRORS 0");
    assertThat(lines).noneMatch(line -> line.startsWith("REPLACED"));
    assertThat(lines.stream().filter(line -> line.startsWith("EXECUTOR")).toList())
        .isIn(
            List.of("EXECUTOR 0 cuda 0", "EXECUTOR 1 cuda 1"),
            List.of("EXECUTOR 0 cuda 1", "EXECUTOR 1 cuda 0"));
  }

  /**
   * The GPUs of two executors fail, each in the middle of its rows, one with an illegal address and
   * one with an ECC error. Both executors end, and those that Spark puts in their places complete
   * the table.
   */
  @Test
  void aFaultOfAGpuCostsItsExecutorAndNoRow() throws Exception {
    Path faults = Files.createDirectories(folder.resolve("faults"));
    Set<String> lines =
        cluster("devices=2,memory=400,fault=700/214,fault_launch=1500,fault_folder=" + faults);
    assertThat(faults).isDirectoryContaining("glob:**/700").isDirectoryContaining("glob:**/214");
    assertThat(lines).contains("ROWS 24 RIGHT 24 ERRORS 0");
    List<String> replaced = executors(lines, "REPLACED");
    List<String> last = executors(lines, "EXECUTOR");
    assertThat(replaced).hasSize(2);
    assertThat(last).isNotEmpty().doesNotContainAnyElementsOf(replaced);
  }

  private static List<String> executors(Set<String> lines, String what) {
    return lines.stream()
        .filter(line -> line.startsWith(what + " "))
        .map(line -> line.split(" ")[1])
        .toList();
  }
}
