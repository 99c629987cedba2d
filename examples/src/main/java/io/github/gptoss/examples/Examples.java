package io.github.gptoss.examples;

import java.util.function.BiFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** What the small examples share: they take a model, demo by default, and show a table. */
final class Examples {
  private Examples() {}

  static void show(String[] args, BiFunction<SparkSession, String, Dataset<Row>> example) {
    SparkSession spark = SparkSession.builder().getOrCreate();
    try {
      example.apply(spark, args.length == 0 ? "demo" : args[0]).show(false);
    } finally {
      spark.stop();
    }
  }
}
