package io.github.gptoss.engine.harmony;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Objects;

/**
 * One function that the model may call. The description may be empty; the parameters are a JSON
 * schema that must not be changed, or null for a function without any.
 */
public record ToolDescription(String name, String description, ObjectNode parameters) {
  public ToolDescription {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(description, "description");
  }
}
