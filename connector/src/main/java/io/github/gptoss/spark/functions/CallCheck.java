package io.github.gptoss.spark.functions;

import io.github.gptoss.spark.conf.OptionValues;
import java.io.Serializable;
import java.util.Map;

/** Checks what a call's options ask for, before anything runs. */
@FunctionalInterface
public interface CallCheck extends Serializable {
  /**
   * @param conf the session's configuration
   * @throws io.github.gptoss.engine.error.InvalidConfigException if the call cannot work
   */
  void check(OptionValues options, Map<String, String> conf);
}
