package io.github.gptoss.spark.call;

import java.util.Map;
import org.apache.spark.sql.SparkSession;
import scala.jdk.javaapi.CollectionConverters;

/** A session's configuration as Java's types. */
public final class SparkConfs {
  private SparkConfs() {}

  public static Map<String, String> of(SparkSession spark) {
    return CollectionConverters.asJava(spark.conf().getAll());
  }

  public static boolean isCaseSensitive(SparkSession spark) {
    return Boolean.parseBoolean(spark.conf().get("spark.sql.caseSensitive", "false"));
  }

  /** Whether executors see this machine's files: local and local-cluster masters. */
  public static boolean isOneMachine(SparkSession spark) {
    return spark.conf().get("spark.master", "").startsWith("local");
  }
}
