package io.github.gptoss.engine.harmony;

import java.util.Objects;

/**
 * Who wrote a message. The name is null for none; a message of role {@link Role#TOOL} must have the
 * tool's full one, for instance {@code functions.get_weather}.
 */
public record Author(Role role, String name) {
  public Author {
    Objects.requireNonNull(role, "role");
  }
}
