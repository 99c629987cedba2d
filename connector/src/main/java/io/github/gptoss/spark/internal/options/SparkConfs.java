package io.github.gptoss.spark.internal.options;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import scala.Tuple2;
import scala.jdk.javaapi.CollectionConverters;

/** A session's configuration as Java's types. */
public final class SparkConfs {
  private static final String HADOOP_PREFIX = "spark.hadoop.";

  private SparkConfs() {}

  public static Map<String, String> of(SparkSession spark) {
    return CollectionConverters.asJava(spark.conf().getAll());
  }

  /** Hadoop's settings as this session sees them, as Spark itself makes them for its readers. */
  public static Configuration hadoop(SparkSession spark) {
    Configuration conf = new Configuration(spark.sparkContext().hadoopConfiguration());
    of(spark)
        .forEach(
            (name, value) -> {
              if (name.startsWith(HADOOP_PREFIX)) {
                conf.set(name.substring(HADOOP_PREFIX.length()), value);
              } else if (!name.startsWith("spark.")) {
                conf.set(name, value);
              }
            });
    return conf;
  }

  public static boolean isCaseSensitive(SparkSession spark) {
    return Boolean.parseBoolean(spark.conf().get("spark.sql.caseSensitive", "false"));
  }

  /** Where Spark's readers put lines that they cannot read. */
  public static String corruptRecordColumn(SparkSession spark) {
    return spark.conf().get("spark.sql.columnNameOfCorruptRecord");
  }

  /** Of a configuration with which no session has been started yet. */
  public static Map<String, String> of(SparkConf conf) {
    Map<String, String> map = new LinkedHashMap<>();
    for (Tuple2<String, String> entry : conf.getAll()) {
      map.put(entry._1(), entry._2());
    }
    return map;
  }

  /** Whether executors see this machine's files: local and local-cluster masters. */
  public static boolean isOneMachine(Map<String, String> conf) {
    return conf.getOrDefault("spark.master", "").startsWith("local");
  }

  /** Whether the driver's own process computes. */
  public static boolean isOneProcess(Map<String, String> conf) {
    String master = conf.getOrDefault("spark.master", "");
    return master.equals("local") || master.startsWith("local[");
  }
}
