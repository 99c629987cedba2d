package io.github.gptoss.engine.harmony;

import java.util.Objects;

/** Plain text; whatever it says, it never becomes a special token. */
public record TextContent(String text) implements Content {
  public TextContent {
    Objects.requireNonNull(text, "text");
  }
}
