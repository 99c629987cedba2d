package io.github.gptoss.engine.constraint.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * The schemas that one value has to fit, in their order; or one literal value. Two conjunctions of
 * the same schemas are equal, so recursion comes back to them.
 */
record Conjunction(List<SchemaNode> schemas, JsonNode literal) {
  static final Conjunction ANYTHING = new Conjunction(List.of(), null);

  static Conjunction of(List<SchemaNode> schemas) {
    List<SchemaNode> distinct =
        schemas.size() < 2 ? List.copyOf(schemas) : List.copyOf(new LinkedHashSet<>(schemas));
    return new Conjunction(distinct, null);
  }

  static Conjunction literal(JsonNode value) {
    return new Conjunction(List.of(), value);
  }
}
