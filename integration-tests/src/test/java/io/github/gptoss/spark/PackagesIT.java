package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code spark-submit --packages}, which resolves with Ivy, from a repository on this machine. */
class PackagesIT {
  private static final Path MODULE = Sessions.ROOT.resolve("integration-tests");
  private static final String ARTIFACT = "gptoss-spark_2.13";

  @TempDir Path folder;

  private static Path only(Path folder, String glob) throws Exception {
    try (var files = Files.newDirectoryStream(folder, glob)) {
      List<Path> found = new ArrayList<>();
      files.forEach(found::add);
      assertThat(found).hasSize(1);
      return found.get(0);
    }
  }

  /** The extension is there on the driver, and the plugin and the engine on the executor. */
  @Test
  void oneArtifactIsResolvedAndCompletesARow() throws Exception {
    String repository = MODULE.resolve("target/repository").toUri().toString();
    String version =
        Path.of(Sessions.connectorJar())
            .getFileName()
            .toString()
            .replaceAll("gptoss-spark-(.*)\\.jar", "$1");
    Path ivy = folder.resolve("ivy");
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "@" + Sessions.ROOT.resolve("conf/spark-java.args"),
            "-cp",
            MODULE.resolve("target/spark/jars") + File.separator + "*",
            "org.apache.spark.deploy.SparkSubmit",
            "--master",
            "local-cluster[1,1,1024]",
            "--packages",
            "io.github.gptoss:" + ARTIFACT + ":" + version,
            "--repositories",
            repository,
            "--conf",
            "spark.jars.ivy=" + ivy,
            "--conf",
            "spark.ui.enabled=false",
            "--conf",
            "spark.sql.extensions=io.github.gptoss.spark.GptOssExtensions",
            "--conf",
            "spark.plugins=io.github.gptoss.spark.GptOssPlugin",
            "--conf",
            "spark.gptoss.model=demo",
            "--conf",
            "spark.executor.extraJavaOptions=--add-modules=jdk.incubator.vector",
            "--conf",
            "spark.sql.warehouse.dir=" + folder.resolve("warehouse"),
            "--jars",
            only(Sessions.ROOT.resolve("cli/target/lib"), "picocli-*.jar").toString(),
            "--class",
            "io.github.gptoss.cli.sql.SqlShell",
            only(Sessions.ROOT.resolve("cli/target"), "gptoss-spark-cli-*.jar").toString(),
            "-e",
            "SELECT gptoss_text(prompt, reasoning_effort => 'low')"
                + " FROM VALUES ('How much is 2 + 3?') AS prompts(prompt)");
    ProcessBuilder process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    // In the place of Maven Central, so that no network is needed.
    process.environment().put("DEFAULT_ARTIFACT_REPOSITORY", repository);
    process.environment().put("SPARK_HOME", MODULE.resolve("target/spark").toString());
    process.environment().put("SPARK_SCALA_VERSION", "2.13");
    process.environment().remove("SPARK_CONF_DIR");
    Process submit = process.start();
    try {
      // Spark starts executors anew for ever where they end at once.
      assertThat(submit.waitFor(5, TimeUnit.MINUTES)).as(Files.readString(err)).isTrue();
    } finally {
      submit.destroyForcibly();
    }
    assertThat(submit.exitValue()).as(Files.readString(err)).isZero();
    assertThat(err).content().doesNotContain("Lost executor");
    assertThat(Files.readAllLines(out)).last().asString().contains("5");
    try (Stream<Path> jars = Files.list(ivy.resolve("jars"))) {
      assertThat(jars.map(jar -> jar.getFileName().toString()))
          .containsExactly("io.github.gptoss_" + ARTIFACT + "-" + version + ".jar");
    }
  }
}
