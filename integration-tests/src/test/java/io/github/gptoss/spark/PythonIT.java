package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Python package in PySpark as the package index has it, with PySpark's own Spark: {@code
 * python/test.sh}. The version is that of system property {@code pyspark.version}. Without Python
 * or an index this is skipped; {@code -Drequire.pyspark=true} makes a failure of a skip.
 */
class PythonIT {
  private static final int NOT_INSTALLED = 3;

  @TempDir Path folder;

  @Test
  void theTestsOfThePackagePass() throws Exception {
    Path log = folder.resolve("log");
    int status = run(log, System.getProperty("pyspark.version"));
    String output = Files.readString(log);
    if (status == NOT_INSTALLED) {
      if (Boolean.getBoolean("require.pyspark")) {
        fail(output);
      }
      abort(output);
    }
    assertThat(status).as(output).isZero();
  }

  private static int run(Path log, String version) throws IOException, InterruptedException {
    File output = log.toFile();
    ProcessBuilder builder =
        new ProcessBuilder(Sessions.ROOT.resolve("python/test.sh").toString(), version)
            .redirectErrorStream(true)
            .redirectOutput(output);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().remove("SPARK_HOME");
    return builder.start().waitFor();
  }
}
