package io.github.gptoss.spark.functions;

import io.github.gptoss.spark.conf.OptionValues;
import java.io.Serializable;
import org.apache.spark.sql.SparkSession;

/** Checks what a call's options ask for, before anything runs. */
@FunctionalInterface
public interface CallCheck extends Serializable {
  /**
   * Checks a call's options.
   *
   * @return what executors are to be given
   * @throws io.github.gptoss.engine.error.GptOssException if the call cannot work
   */
  OptionValues checked(OptionValues options, SparkSession spark);
}
