package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The documentation's site, which fails to build where a link in it is dead. */
class DocsIT {
  @TempDir Path folder;

  @Test
  void theSiteIsBuilt() throws Exception {
    PythonScript.passes(folder.resolve("log"), "docs/build.sh");
    assertThat(Sessions.ROOT.resolve("target/site/search/search_index.json")).isNotEmptyFile();
  }
}
