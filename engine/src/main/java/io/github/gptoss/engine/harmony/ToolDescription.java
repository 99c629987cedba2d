package io.github.gptoss.engine.harmony;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Objects;

/**
 * One function that the model may call.
 *
 * @param description may be empty
 * @param parameters a JSON schema that must not be changed, or null for a function without any
 * @param strict whether the arguments of a call are guaranteed to fit the parameters
 */
public record ToolDescription(
    String name, String description, ObjectNode parameters, boolean strict) {
  public ToolDescription {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(description, "description");
  }

  /** A function whose calls are not guaranteed to fit. */
  public ToolDescription(String name, String description, ObjectNode parameters) {
    this(name, description, parameters, false);
  }
}
