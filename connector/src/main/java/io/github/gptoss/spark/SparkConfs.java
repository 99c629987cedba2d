package io.github.gptoss.spark;

import java.util.Map;
import org.apache.spark.sql.SparkSession;
import scala.jdk.javaapi.CollectionConverters;

/** A session's configuration as Java's types. */
final class SparkConfs {
  private SparkConfs() {}

  static Map<String, String> of(SparkSession spark) {
    return CollectionConverters.asJava(spark.conf().getAll());
  }

  static boolean isCaseSensitive(SparkSession spark) {
    return Boolean.parseBoolean(spark.conf().get("spark.sql.caseSensitive", "false"));
  }

  /** Whether executors see this machine's files: local and local-cluster masters. */
  static boolean isOneMachine(SparkSession spark) {
    return spark.conf().get("spark.master", "").startsWith("local");
  }
}
