package io.github.gptoss.spark.internal.models;

import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkEnv;
import scala.Tuple2;

/**
 * Hadoop's settings that the driver sends to executors. They may hold secrets, so no log shows
 * them.
 */
final class HadoopSettings {
  private static final String SPARK_PREFIX = "spark.hadoop.";

  private HadoopSettings() {}

  /** The settings that differ from Hadoop's defaults, with their variables unexpanded. */
  static Map<String, String> of(Configuration conf) {
    Map<String, String> set = new TreeMap<>();
    conf.forEach(
        entry -> {
          String[] sources = conf.getPropertySources(entry.getKey());
          // The last source is the one that won.
          boolean isDefault =
              sources != null
                  && sources.length > 0
                  && sources[sources.length - 1].endsWith("-default.xml");
          if (!isDefault) {
            set.put(entry.getKey(), entry.getValue());
          }
        });
    return set;
  }

  /** This process's own settings: {@code spark.hadoop.*} over Hadoop's configuration files. */
  static Configuration ofProcess() {
    Configuration conf = new Configuration();
    SparkEnv spark = SparkEnv.get();
    if (spark != null) {
      for (Tuple2<String, String> entry : spark.conf().getAll()) {
        if (entry._1().startsWith(SPARK_PREFIX)) {
          conf.set(entry._1().substring(SPARK_PREFIX.length()), entry._2());
        }
      }
    }
    return conf;
  }
}
