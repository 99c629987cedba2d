package io.github.gptoss.spark.internal.prompts;

import io.github.gptoss.engine.harmony.TextCut;
import java.util.Locale;

/** What becomes of a prompt that is too long for the context. */
public enum Overflow {
  ERROR(null),
  TRUNCATE_START(TextCut.START),
  TRUNCATE_MIDDLE(TextCut.MIDDLE),
  TRUNCATE_END(TextCut.END),
  MAP_REDUCE(null);

  private final TextCut cut;

  Overflow(TextCut cut) {
    this.cut = cut;
  }

  /** The part that is left out; null where nothing is. */
  public TextCut cut() {
    return cut;
  }

  static Overflow named(String name) {
    return valueOf(name.strip().toUpperCase(Locale.ROOT));
  }
}
