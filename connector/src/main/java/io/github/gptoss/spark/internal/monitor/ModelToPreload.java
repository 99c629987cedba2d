package io.github.gptoss.spark.internal.monitor;

import io.github.gptoss.spark.internal.options.OptionValues;
import java.util.function.Supplier;

/**
 * The model that the configuration names.
 *
 * @param options as the configuration has them, checked
 * @param pinned gives the options with the model's present version; may ask other machines
 */
public record ModelToPreload(OptionValues options, Supplier<OptionValues> pinned) {}
