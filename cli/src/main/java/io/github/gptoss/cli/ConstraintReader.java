package io.github.gptoss.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.gptoss.engine.constraint.ConstraintSpec;
import java.util.List;

/** Reads the constraint of a line of {@code accept} and {@code mask}. */
final class ConstraintReader {
  static final List<String> KEYS =
      List.of("schema", "response_format", "structured_outputs", "whitespace");

  private ConstraintReader() {}

  static ConstraintSpec read(Fields fields) {
    List<String> given =
        KEYS.subList(0, 3).stream().filter(key -> fields.node(key) != null).toList();
    if (given.size() != 1) {
      throw CliErrors.conflict(
          (given.isEmpty() ? "there is no constraint" : String.join(" and ", given) + " are given")
              + ": give one of schema, response_format and structured_outputs");
    }
    String whitespace = fields.text("whitespace");
    ConstraintSpec spec = readForm(fields, !"compact".equals(whitespace));
    boolean isJson = spec.kind() == ConstraintSpec.Kind.JSON_SCHEMA;
    if (whitespace != null
        && !whitespace.equals("flexible")
        && !whitespace.equals("compact")
        && (isJson || !whitespace.equals("none"))) {
      throw CliErrors.conflict(
          "whitespace has to be flexible or compact, or none of a regex or choice");
    }
    return spec;
  }

  private static ConstraintSpec readForm(Fields fields, boolean allowsSpaces) {
    JsonNode schema = fields.node("schema");
    if (schema != null) {
      return ConstraintSpec.ofSchema(schema, allowsSpaces);
    }
    ConstraintSpec spec =
        ConstraintSpec.of(fields.node("response_format"), fields.node("structured_outputs"))
            .orElseThrow(
                () -> CliErrors.conflict("response_format text is no constraint: give another"));
    return allowsSpaces ? spec : new ConstraintSpec(spec.kind(), spec.definition(), false);
  }
}
