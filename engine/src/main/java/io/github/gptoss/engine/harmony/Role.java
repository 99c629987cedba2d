package io.github.gptoss.engine.harmony;

import java.util.Locale;

/** Who speaks. Instructions of an earlier role outrank those of a later one. */
public enum Role {
  SYSTEM,
  DEVELOPER,
  USER,
  ASSISTANT,
  TOOL;

  private final String text = name().toLowerCase(Locale.ROOT);

  /** The role as it is written in headers and JSON, for instance {@code assistant}. */
  public String text() {
    return text;
  }

  /** The role with this text, or null. */
  public static Role fromText(String text) {
    for (Role role : values()) {
      if (role.text.equals(text)) {
        return role;
      }
    }
    return null;
  }
}
