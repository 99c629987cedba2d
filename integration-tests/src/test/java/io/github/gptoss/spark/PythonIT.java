package io.github.gptoss.spark;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Python package in PySpark as the package index has it, with PySpark's own Spark. The version
 * is that of system property {@code pyspark.version}.
 */
class PythonIT {
  @TempDir Path folder;

  @Test
  void theTestsOfThePackagePass() throws Exception {
    PythonScript.passes(
        folder.resolve("log"), "python/test.sh", System.getProperty("pyspark.version"));
  }
}
