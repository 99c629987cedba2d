package io.github.gptoss.spark.internal.prompts;

import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.engine.harmony.Message;
import io.github.gptoss.spark.internal.options.OptionKey;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
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
 * @param refusal why the row asks what cannot be served, which becomes its error; null for all
 *     others
 * @param followed what the model said and tools answered since, in a turn that is under way; empty
 *     for all rows that tables hold
 * @param cutText what was left of the user's last message when the turn began, where that was too
 *     long; null for most
 */
public record PromptRow(
    String input,
    boolean isMessages,
    Map<OptionKey, String> overrides,
    InvalidRequestException refusal,
    List<Message> followed,
    String cutText) {
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

  public PromptRow(String input, boolean isMessages, Map<OptionKey, String> overrides) {
    this(input, isMessages, overrides, null, List.of(), null);
  }

  /** A row that asks what all rows of the call ask. */
  public static PromptRow of(String input, boolean isMessages) {
    return new PromptRow(input, isMessages, Map.of());
  }

  /** A row that asks what cannot be served. */
  static PromptRow refused(InvalidRequestException refusal) {
    return new PromptRow(null, false, Map.of(), refusal, List.of(), null);
  }

  /** The same row with an option of its own. */
  public PromptRow with(OptionKey key, String value) {
    Map<OptionKey, String> own = new EnumMap<>(OptionKey.class);
    own.putAll(overrides);
    own.put(key, value);
    return new PromptRow(input, isMessages, own, refusal, followed, cutText);
  }

  /** The same row, whose turn has gone on. */
  public PromptRow followedBy(List<Message> more) {
    List<Message> all = new ArrayList<>(followed);
    all.addAll(more);
    return new PromptRow(input, isMessages, overrides, refusal, List.copyOf(all), cutText);
  }

  /** The same row, of whose user's last message this text is left. */
  public PromptRow cutTo(String text) {
    return new PromptRow(input, isMessages, overrides, refusal, followed, text);
  }

  /**
   * This row, if it can be served.
   *
   * @throws InvalidRequestException if it cannot
   */
  public PromptRow orRefusal() {
    if (refusal != null) {
      throw refusal;
    }
    return this;
  }
}
