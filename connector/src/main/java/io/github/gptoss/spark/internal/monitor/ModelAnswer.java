package io.github.gptoss.spark.internal.monitor;

import io.github.gptoss.spark.internal.options.OptionValues;
import java.io.Serializable;

/**
 * What the driver says about the model to preload. It goes from process to process as tasks do, and
 * not through the configuration, which Spark shows: the options may hold secrets.
 *
 * @param isPending whether the driver does not know yet
 * @param options null where there is nothing to preload
 * @param problem one line; null unless the model's version could not be found out
 */
record ModelAnswer(boolean isPending, OptionValues options, String problem)
    implements Serializable {
  static final ModelAnswer PENDING = new ModelAnswer(true, null, null);
  static final ModelAnswer NOTHING = new ModelAnswer(false, null, null);
}
