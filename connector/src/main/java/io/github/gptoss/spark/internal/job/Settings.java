package io.github.gptoss.spark.internal.job;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import scala.Option;

/** Settings of a session that hold for a while. */
final class Settings implements AutoCloseable {
  private final SparkSession spark;
  private final Map<String, Optional<String>> before = new LinkedHashMap<>();

  private Settings(SparkSession spark) {
    this.spark = spark;
  }

  static Settings of(SparkSession spark) {
    return new Settings(spark);
  }

  Settings with(String name, String value) {
    Option<String> was = spark.conf().getOption(name);
    before.put(name, was.isDefined() ? Optional.of(was.get()) : Optional.empty());
    spark.conf().set(name, value);
    return this;
  }

  /** Puts back what was set before. */
  @Override
  public void close() {
    before.forEach(
        (name, value) ->
            value.ifPresentOrElse(
                was -> spark.conf().set(name, was), () -> spark.conf().unset(name)));
  }
}
