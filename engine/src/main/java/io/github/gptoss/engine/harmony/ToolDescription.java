package io.github.gptoss.engine.harmony;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Objects;

/**
 * One function that the model may call.
 *
 * @param description may have several lines, or none
 * @param parameters a JSON schema, null for a function without parameters; must not be changed
 */
public record ToolDescription(String name, String description, ObjectNode parameters) {
  public ToolDescription {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(description, "description");
  }
}
