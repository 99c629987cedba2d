package io.github.gptoss.engine.harmony;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Objects;

/**
 * The form that the final answer must have, told to the model in the developer message. Telling
 * does not enforce.
 *
 * @param description null for none
 * @param schema a JSON schema; must not be changed
 */
public record ResponseFormat(String name, String description, ObjectNode schema) {
  public ResponseFormat {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(schema, "schema");
  }
}
