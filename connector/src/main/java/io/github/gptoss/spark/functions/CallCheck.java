package io.github.gptoss.spark.functions;

import io.github.gptoss.spark.conf.OptionValues;
import java.io.Serializable;
import org.apache.spark.sql.SparkSession;

/** Checks what a call's options ask for, before anything runs. */
@FunctionalInterface
public interface CallCheck extends Serializable {
  /**
   * @throws io.github.gptoss.engine.error.InvalidConfigException if the call cannot work
   */
  void check(OptionValues options, SparkSession spark);
}
