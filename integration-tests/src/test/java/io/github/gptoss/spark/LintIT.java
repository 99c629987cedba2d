package io.github.gptoss.spark;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What no compiler reads: GitHub's workflows, the container image, scripts. */
class LintIT {
  @TempDir Path folder;

  @Test
  void theLintersFindNothing() throws Exception {
    PythonScript.passes(folder.resolve("log"), "dev/lint.sh");
  }
}
