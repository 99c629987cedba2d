package io.github.gptoss.spark.internal.engine;

import io.github.gptoss.spark.GptOss;
import io.github.gptoss.spark.GptOssOptions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * A driver of its own, since local-cluster and the emulated driver need environment variables: two
 * executors with one GPU each answer conversations into a Delta table. Prints what is in it.
 */
public final class CudaCluster {
  private CudaCluster() {}

  /**
   * @param args discovery script, class path of executors, folder of the emulated driver,
   *     description of its machine, conversations, output
   */
  @SuppressWarnings("SystemOut") // what the test reads
  public static void main(String[] args) {
    SparkSession spark =
        SparkSession.builder()
            .master("local-cluster[1,4,2048]")
            .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
            .config(
                "spark.sql.catalog.spark_catalog",
                "org.apache.spark.sql.delta.catalog.DeltaCatalog")
            .config("spark.executor.cores", "2")
            .config("spark.executor.memory", "1g")
            .config("spark.executor.extraClassPath", args[1])
            .config("spark.executor.extraJavaOptions", "--add-modules=jdk.incubator.vector")
            .config("spark.executorEnv.LD_LIBRARY_PATH", args[2])
            .config("spark.executorEnv.CUDA_EMULATOR", args[3])
            .config("spark.worker.resource.gpu.amount", "2")
            .config("spark.worker.resource.gpu.discoveryScript", args[0])
            .config("spark.executor.resource.gpu.amount", "1")
            .config("spark.task.resource.gpu.amount", "0.5")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.databricks.delta.snapshotPartitions", "1")
            .config("spark.ui.enabled", "false")
            .getOrCreate();
    Set<String> removed = ConcurrentHashMap.newKeySet();
    spark
        .sparkContext()
        .addSparkListener(
            new SparkListener() {
              @Override
              public void onExecutorRemoved(SparkListenerExecutorRemoved event) {
                removed.add(event.executorId());
              }
            });
    try {
      Dataset<Row> conversations =
          spark
              .read()
              .schema("id STRING, messages STRING, expected STRING")
              .json(args[4])
              .where("id RLIKE '-00[34]$'")
              .repartition(4);
      GptOssOptions options =
          GptOssOptions.create()
              .model("demo")
              .messagesCol("messages")
              .set("backend", "cuda")
              .set("kv_cache_bytes", "32m")
              .set("max_model_len", "1024");
      GptOss.complete(conversations, options).write().format("delta").save(args[5]);
      Dataset<Row> table = spark.read().format("delta").load(args[5]);
      Row counts =
          table
              .agg(
                  functions.count("*"),
                  functions.expr(
                      "count_if(expected = IF(size(completion.tool_calls) > 0,"
                          + " completion.tool_calls[0].arguments, completion.response))"),
                  functions.expr("count(completion.error_message)"))
              .head();
      System.out.println(
          "ROWS "
              + counts.getLong(0)
              + " RIGHT "
              + counts.getLong(1)
              + " ERRORS "
              + counts.getLong(2));
      removed.forEach(executor -> System.out.println("REPLACED " + executor));
      spark
          .range(0, 16, 1, 16)
          .mapPartitions(
              (MapPartitionsFunction<Long, String>) ids -> List.of(engine()).iterator(),
              Encoders.STRING())
          .distinct()
          .collectAsList()
          .forEach(System.out::println);
    } finally {
      spark.stop();
    }
  }

  /** Which GPU the executor's engine computes on. */
  private static String engine() throws InterruptedException {
    Thread.sleep(300); // so that no executor has done all before the other has begun
    EngineRegistry.Status view = EngineRegistry.shared().view();
    return "EXECUTOR %s %s %d"
        .formatted(
            SparkEnv.get().executorId(),
            view.config() == null ? "none" : view.config().backend(),
            view.config() == null ? -1 : view.config().devices().get(0));
  }
}
