package io.github.gptoss.spark;

import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import scala.jdk.javaapi.CollectionConverters;

/** A session's configuration as Java's types. */
final class SparkConfs {
  private static final String HADOOP_PREFIX = "spark.hadoop.";

  private SparkConfs() {}

  static Map<String, String> of(SparkSession spark) {
    return CollectionConverters.asJava(spark.conf().getAll());
  }

  /** Hadoop's settings as this session sees them, as Spark itself makes them for its readers. */
  static Configuration hadoop(SparkSession spark) {
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

  static boolean isCaseSensitive(SparkSession spark) {
    return Boolean.parseBoolean(spark.conf().get("spark.sql.caseSensitive", "false"));
  }

  /** Whether executors see this machine's files: local and local-cluster masters. */
  static boolean isOneMachine(SparkSession spark) {
    return spark.conf().get("spark.master", "").startsWith("local");
  }
}
