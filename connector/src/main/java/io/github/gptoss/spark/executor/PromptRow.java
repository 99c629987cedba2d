package io.github.gptoss.spark.executor;

import io.github.gptoss.spark.conf.OptionKey;
import java.util.Map;
import java.util.Objects;

/**
 * What one row asks.
 *
 * @param input prompt text or message JSON; null where the row holds none
 * @param isMessages whether {@code input} is message JSON
 * @param overrides options that are this row's own, as text; empty for most rows. A null value is
 *     as good as none; a value that its option does not take is the row's error. Not copied: must
 *     stay as it is.
 */
public record PromptRow(String input, boolean isMessages, Map<OptionKey, String> overrides) {
  /**
   * @throws IllegalArgumentException if an option cannot differ from row to row ({@link
   *     OptionKey#isPerRow})
   */
  public PromptRow {
    Objects.requireNonNull(overrides, "overrides");
    for (OptionKey key : overrides.keySet()) {
      if (!key.isPerRow()) {
        throw new IllegalArgumentException(
            "option "
                + key.optionName()
                + " holds for all rows of a call: no row can have its own");
      }
    }
  }

  /** A row that asks what all rows of the call ask. */
  public static PromptRow of(String input, boolean isMessages) {
    return new PromptRow(input, isMessages, Map.of());
  }
}
