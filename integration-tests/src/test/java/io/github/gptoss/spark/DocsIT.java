package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The documentation's site, with API pages, which fails to build where a link in it is dead. */
class DocsIT {
  @TempDir Path folder;

  @Test
  void theSiteIsBuilt() throws Exception {
    PythonScript.passes(folder.resolve("log"), "docs/build.sh");
    Path site = Sessions.ROOT.resolve("target/site");
    assertThat(site.resolve("search/search_index.json")).isNotEmptyFile();
    assertThat(site.resolve("javadoc/io/github/gptoss/spark/GptOss.html")).isNotEmptyFile();
    assertThat(site.resolve("api/java/index.html"))
        .content()
        .contains("../../javadoc/io/github/gptoss/spark/GptOss.html");
    assertThat(site.resolve("api/python/index.html"))
        .content()
        .contains("id=\"gptoss_spark.functions.classify\"", "id=\"gptoss_spark.complete\"");
  }
}
