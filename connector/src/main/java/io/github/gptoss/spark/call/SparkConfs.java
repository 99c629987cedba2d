package io.github.gptoss.spark.call;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import scala.Tuple2;
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
}
