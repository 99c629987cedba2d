package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.spark.internal.engine.GpuCluster;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GpuSchedulingIT {
  private static final Path DISCOVERY = Sessions.ROOT.resolve("conf/gpu-discovery.sh");
  private static final Path SPARK_HOME = Sessions.ROOT.resolve("integration-tests/target/spark");

  @TempDir Path folder;

  private record Ended(int code, List<String> out, String err) {}

  private Ended run(Map<String, String> environment, String... command) throws Exception {
    Path out = Files.createTempFile(folder, "out", "");
    Path err = Files.createTempFile(folder, "err", "");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().remove("CUDA_VISIBLE_DEVICES");
    builder.environment().putAll(environment);
    int code = builder.start().waitFor();
    return new Ended(code, Files.readAllLines(out), Files.readString(err));
  }

  /** A path on which nvidia-smi is this script. */
  private Map<String, String> withNvidiaSmi(String script) throws Exception {
    Path bin = Files.createDirectories(folder.resolve("bin"));
    Path smi = Files.writeString(bin.resolve("nvidia-smi"), "#!/bin/sh\n" + script + "\n");
    assertThat(smi.toFile().setExecutable(true)).isTrue();
    return Map.of("PATH", bin + File.pathSeparator + System.getenv("PATH"));
  }

  @Test
  void theDiscoveryScriptCountsAsCudaDoes() throws Exception {
    String script = DISCOVERY.toString();
    Map<String, String> three = withNvidiaSmi("echo 0; echo 1; echo 2");
    String none = "{\"name\": \"gpu\", \"addresses\": []}";
    assertThat(run(three, script).out())
        .containsExactly("{\"name\": \"gpu\", \"addresses\": [\"0\", \"1\", \"2\"]}");
    for (String visible : List.of("2,5", "GPU-aa11,GPU-bb22", "7,3,-1,4")) {
      assertThat(run(Map.of("CUDA_VISIBLE_DEVICES", visible), script).out())
          .containsExactly("{\"name\": \"gpu\", \"addresses\": [\"0\", \"1\"]}");
    }
    assertThat(run(Map.of("CUDA_VISIBLE_DEVICES", ""), script).out()).containsExactly(none);
    assertThat(run(Map.of("CUDA_VISIBLE_DEVICES", "-1"), script).out()).containsExactly(none);
    Ended failed = run(withNvidiaSmi("exit 9"), script);
    assertThat(failed.code()).isEqualTo(1);
    assertThat(failed.err()).contains("nvidia-smi is missing or failed");
  }

  @Test
  void everyExecutorAndItsTasksGetTheExecutorsGpuAndALostOneIsShown() throws Exception {
    Map<String, String> environment = new TreeMap<>(withNvidiaSmi("echo 0; echo 1"));
    environment.put("SPARK_HOME", SPARK_HOME.toString());
    environment.put("SPARK_SCALA_VERSION", "2.13");
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Ended ended =
        run(
            environment,
            java,
            "@" + Sessions.ROOT.resolve("conf/spark-java.args"),
            "-Xmx1g",
            "-Dlog4j2.configurationFile=" + Sessions.ROOT.resolve("conf/log4j2.properties"),
            "-cp",
            System.getProperty("java.class.path"),
            GpuCluster.class.getName(),
            DISCOVERY.toString(),
            ours());
    assertThat(ended.code()).as(ended.err()).isZero();
    Set<String> lines = new TreeSet<>(ended.out());
    assertThat(lines).hasSize(5).contains("LOST");
    for (int executor = 0; executor < 2; executor++) {
      String gpu = lines.contains("REPORT " + executor + " GPU 0") ? "0" : "1";
      assertThat(lines)
          .contains("REPORT " + executor + " GPU " + gpu)
          .contains("TASK " + executor + " GPU " + gpu + " cuda=" + gpu + " cpu=0 ready=1");
    }
    assertThat(lines.stream().filter(line -> line.endsWith("GPU 0"))).hasSize(1);
  }

  /** What of this process's class path executors do not have from Spark. */
  private static String ours() {
    return String.join(
        File.pathSeparator,
        List.of(System.getProperty("java.class.path").split(File.pathSeparator)).stream()
            .filter(entry -> Path.of(entry).startsWith(Sessions.ROOT))
            .toList());
  }
}
