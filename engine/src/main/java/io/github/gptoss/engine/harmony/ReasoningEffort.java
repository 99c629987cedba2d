package io.github.gptoss.engine.harmony;

import java.util.Locale;

/** How long the model thinks before it answers. */
public enum ReasoningEffort {
  LOW,
  MEDIUM,
  HIGH;

  /** As the system message says it, for instance {@code medium}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** As openai-harmony's JSON says it, for instance {@code Medium}. */
  String jsonText() {
    return name().charAt(0) + text().substring(1);
  }

  /** The effort with this text in any case, or null. */
  static ReasoningEffort fromText(String text) {
    for (ReasoningEffort effort : values()) {
      if (effort.name().equalsIgnoreCase(text)) {
        return effort;
      }
    }
    return null;
  }
}
