package io.github.gptoss.spark.internal.engine;

import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.spark.GptOssPlugin;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;

/**
 * A driver of its own, since local-cluster needs environment variables: one worker with two GPUs,
 * two executors of two cores that get one each. Prints what tasks and the tab see.
 */
public final class GpuCluster {
  private static final int MOST_TRIES = 400;

  private GpuCluster() {}

  /**
   * @param args discovery script, class path of executors
   */
  public static void main(String[] args) throws Exception {
    SparkSession spark =
        SparkSession.builder()
            .master("local-cluster[1,4,2048]")
            .config("spark.executor.cores", "2")
            .config("spark.executor.memory", "1g")
            .config("spark.executor.extraClassPath", args[1])
            .config("spark.executor.extraJavaOptions", "--add-modules=jdk.incubator.vector")
            .config("spark.worker.resource.gpu.amount", "2")
            .config("spark.worker.resource.gpu.discoveryScript", args[0])
            .config("spark.executor.resource.gpu.amount", "1")
            .config("spark.task.resource.gpu.amount", "0.5")
            .config("spark.plugins", GptOssPlugin.class.getName())
            .config("spark.gptoss.model", "demo")
            .config("spark.ui.port", "0")
            .getOrCreate();
    try {
      String page = spark.sparkContext().uiWebUrl().get() + "/gptoss/";
      await(page, "2 executors ready");
      show(
          Pattern.compile("<td>(\\d+)<br/><small [^>]*>\\S+ (GPU \\d+)</small>")
              .matcher(get(page))
              .results()
              .map(match -> "REPORT " + match.group(1) + " " + match.group(2))
              .toList());
      show(
          spark
              .range(0, 16, 1, 16)
              .mapPartitions(
                  (MapPartitionsFunction<Long, String>) ids -> List.of(task()).iterator(),
                  Encoders.STRING())
              .collectAsList());
      spark.sparkContext().killExecutor("0");
      await(page, "1 lost");
      show(List.of("LOST"));
    } finally {
      spark.stop();
    }
  }

  private static String task() throws InterruptedException {
    // So that no executor has done all before the other has begun.
    Thread.sleep(300);
    EngineConfig cpu = EngineConfig.builder("x").build();
    EngineConfig cuda = EngineConfig.builder("x").backend("cuda").build();
    var metrics =
        SparkEnv.get()
            .metricsSystem()
            .getSourcesByName("plugin." + GptOssPlugin.class.getName())
            .head()
            .metricRegistry()
            .getGauges();
    return "TASK %s GPU %s cuda=%d cpu=%d ready=%s"
        .formatted(
            SparkEnv.get().executorId(),
            String.join(",", TaskContext.get().resourcesJMap().get("gpu").addresses()),
            GpuDevice.ofThisThread().apply(cuda).devices().get(0),
            GpuDevice.ofThisThread().apply(cpu).devices().get(0),
            metrics.get("ready").getValue());
  }

  private static void await(String page, String text) throws Exception {
    for (int i = 0; !get(page).contains(text); i++) {
      if (i == MOST_TRIES) {
        throw new IllegalStateException("never there: " + text);
      }
      Thread.sleep(200);
    }
  }

  private static String get(String page) throws IOException {
    try (var in = URI.create(page).toURL().openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @SuppressWarnings("SystemOut") // what the test reads
  private static void show(List<String> lines) {
    lines.forEach(System.out::println);
  }
}
