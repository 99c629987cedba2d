package io.github.gptoss.engine.harmony;

import java.util.Objects;

/**
 * Who wrote a message.
 *
 * @param name null for none; a tool's full name, for instance {@code functions.get_weather}, which
 *     a message of role {@link Role#TOOL} must have
 */
public record Author(Role role, String name) {
  public Author {
    Objects.requireNonNull(role, "role");
  }
}
