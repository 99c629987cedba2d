package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Scripts of the repository that need Python and a package index, and exit with 3 where there is
 * none: then the test that runs one is skipped, and {@code -Drequire.pyspark=true} makes a failure
 * of a skip.
 */
final class PythonScript {
  private static final int NOT_INSTALLED = 3;

  private PythonScript() {}

  /**
   * Expects a script to exit with 0.
   *
   * @param log a file that its output goes to
   * @param script from the root of the repository
   */
  static void passes(Path log, String script, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(Sessions.ROOT.resolve(script).toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().remove("SPARK_HOME");
    int status = builder.start().waitFor();
    String output = Files.readString(log);
    if (status == NOT_INSTALLED) {
      if (Boolean.getBoolean("require.pyspark")) {
        fail(output);
      }
      abort(output);
    }
    assertThat(status).as(output).isZero();
  }
}
