package io.github.gptoss.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Spark sessions of the tests, small and quiet, with Delta. */
public final class Sessions {
  /** The project's folder. */
  public static final Path ROOT =
      Path.of(System.getProperty("gptoss.root", "..")).toAbsolutePath().normalize();

  public static final Path DEMO_PROMPTS = ROOT.resolve("examples/data/demo-prompts.jsonl");

  /** Which of the JVMs that run tests at a time this is. */
  private static final String FORK = System.getProperty("surefire.forkNumber", "1");

  private Sessions() {}

  public static SparkSession.Builder builder(String master) {
    return SparkSession.builder()
        .master(master)
        .appName("gptoss-it")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.databricks.delta.snapshotPartitions", "1")
        .config(
            "spark.sql.extensions",
            "io.delta.sql.DeltaSparkSessionExtension,io.github.gptoss.spark.GptOssExtensions")
        .config("spark.sql.catalog.gptoss", "io.github.gptoss.spark.GptOssCatalog")
        .config(
            "spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
        .config(
            "spark.sql.warehouse.dir",
            ROOT.resolve("integration-tests/target/warehouse-" + FORK).toString())
        .config("spark.executor.extraJavaOptions", "--add-modules=jdk.incubator.vector");
  }

  public static SparkSession local() {
    return builder("local[2]").getOrCreate();
  }

  /** The 480 demo conversations, messages as the JSON that they are. */
  public static Dataset<Row> demoPrompts(SparkSession spark) {
    return spark
        .read()
        .schema(
            "id STRING, task STRING, reasoning_effort STRING, messages STRING, question STRING,"
                + " expected STRING, prompt_tokens ARRAY<INT>, completion_tokens ARRAY<INT>,"
                + " expected_response STRING, expected_reasoning STRING,"
                + " expected_tool_arguments STRING")
        .json(DEMO_PROMPTS.toString());
  }

  public static GptOssOptions demo() {
    return GptOssOptions.create().model("demo");
  }

  /**
   * The connector's jar as it is shipped, of which there is one; sources are beside a release's.
   */
  public static String connectorJar() throws IOException {
    List<Path> found = new ArrayList<>();
    try (var jars =
        Files.newDirectoryStream(ROOT.resolve("connector/target"), "gptoss-spark*.jar")) {
      jars.forEach(found::add);
    }
    found.removeIf(jar -> jar.toString().matches(".*-(sources|javadoc)\\.jar"));
    if (found.size() != 1) {
      throw new IllegalStateException("there should be one connector's jar: " + found);
    }
    return found.get(0).toString();
  }
}
