package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The shipped jar in PySpark as the package index has it, with PySpark's own Spark. The version is
 * that of system property {@code pyspark.version}; it is installed once, into {@code
 * target/pyspark}. Without Python or an index this is skipped; {@code -Drequire.pyspark=true} makes
 * a failure of a skip.
 */
class PySparkIT {
  private static final String VERSION = System.getProperty("pyspark.version");

  private static final Path HOME =
      Sessions.ROOT.resolve("integration-tests/target/pyspark").resolve(VERSION);

  @TempDir static Path folder;

  @BeforeAll
  static void install() throws Exception {
    Path done = HOME.resolve("installed");
    if (Files.exists(done)) {
      return;
    }
    Path log = folder.resolve("install.log");
    boolean installed =
        run(log, "python3", "-m", "venv", HOME.toString())
            && run(log, python(), "-m", "pip", "install", "pyspark[connect]==" + VERSION);
    if (installed) {
      Files.createFile(done);
      return;
    }
    String reason = "no PySpark " + VERSION + ": " + Files.readString(log);
    if (Boolean.getBoolean("require.pyspark")) {
      fail(reason);
    }
    abort(reason);
  }

  private static String python() {
    return HOME.resolve("bin/python").toString();
  }

  private static boolean run(Path log, String... command) throws IOException, InterruptedException {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start()
              .waitFor()
          == 0;
    } catch (IOException noSuchProgram) {
      Files.writeString(log, noSuchProgram.getMessage());
      return false;
    }
  }

  /** What {@code faults.py} printed, by case. */
  private static Map<String, JsonNode> faults(String mode) throws Exception {
    Path work = Files.createDirectory(folder.resolve(mode));
    Files.writeString(work.resolve("prompts.jsonl"), "{\"prompt\": \"a\"}\n");
    File errors = work.resolve("stderr").toFile();
    List<String> command = new ArrayList<>();
    command.add(python());
    command.add(Sessions.ROOT.resolve("integration-tests/src/test/python/faults.py").toString());
    command.addAll(List.of(mode, Sessions.connectorJar(), work.toString()));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(work.toFile()).redirectError(errors);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().remove("SPARK_HOME");
    Process process = builder.start();
    Map<String, JsonNode> shown = new LinkedHashMap<>();
    for (String line : process.inputReader().lines().toList()) {
      JsonNode fault = new ObjectMapper().readTree(line);
      shown.put(fault.path("case").asText(), fault);
    }
    assertThat(process.waitFor()).as(() -> read(errors)).isZero();
    return shown;
  }

  private static String read(File file) {
    try {
      return Files.readString(file.toPath());
    } catch (IOException e) {
      return e.toString();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "connect"})
  void aWrongCallIsOneOfSparksOwnExceptions(String mode) throws Exception {
    Map<String, JsonNode> faults = faults(mode);
    JsonNode ofSpark = faults.remove("of Spark itself");
    assertThat(ofSpark.path("type").asText()).isEqualTo("AnalysisException");
    String place = "; line 1 pos 7";
    Map<String, List<String>> expected = new LinkedHashMap<>();
    expected.put(
        "argument",
        List.of("GPTOSS_INVALID_ARGUMENT", "22023", "did you mean 'max_tokens'?", place));
    expected.put(
        "constant",
        List.of("GPTOSS_INVALID_OPTION", "22023", "max_tokens is 0: it must be at least 1", place));
    expected.put(
        "model", List.of("GPTOSS_INVALID_MODEL", "58030", "/no/such: no such folder", place));
    expected.put(
        "configuration",
        List.of("GPTOSS_INVALID_OPTION", "22023", "unknown option 'max_tokns'", place));
    expected.put(
        "option", List.of("GPTOSS_INVALID_OPTION", "22023", "unknown option 'temprature'", ""));
    expected.put("column", List.of("GPTOSS_INVALID_COLUMN", "42703", "did you mean 'prompt'?", ""));
    expected.put(
        "task", List.of("GPTOSS_ROW_FAILED", "22000", "failed with invalid_parameter", place));
    if (mode.equals("classic")) {
      expected.put("complete option", expected.get("option"));
      expected.put(
          "complete column", List.of("GPTOSS_INVALID_COLUMN", "42703", "names column 'promt'", ""));
    }
    assertThat(faults).containsOnlyKeys(expected.keySet());
    faults.forEach(
        (name, fault) -> {
          List<String> right = expected.get(name);
          String type = name.equals("task") ? "SparkRuntimeException" : "AnalysisException";
          assertThat(fault.path("type").asText()).as(name).isEqualTo(type);
          assertThat(fault.path("condition").asText()).as(name).isEqualTo(right.get(0));
          assertThat(fault.path("sqlState").asText()).as(name).isEqualTo(right.get(1));
          String message = fault.path("message").asText();
          assertThat(message.lines().findFirst().orElseThrow())
              .as(name)
              .startsWith("[" + right.get(0) + "] ")
              .contains(right.get(2))
              .endsWith(" SQLSTATE: " + right.get(1) + right.get(3));
          // Connect's server sends its frames with every exception, unless it is told not to.
          assertThat(message.contains("JVM stacktrace"))
              .as(name)
              .isEqualTo(ofSpark.path("message").asText().contains("JVM stacktrace"));
        });
  }
}
