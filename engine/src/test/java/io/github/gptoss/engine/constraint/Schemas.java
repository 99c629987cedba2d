package io.github.gptoss.engine.constraint;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.constraint.compiled.Constraint;
import io.github.gptoss.engine.constraint.grammar.State;
import io.github.gptoss.engine.error.ConstraintException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;

/** Compiles schemas that tests write as texts, and asks what their constraints accept. */
final class Schemas {
  private Schemas() {}

  static ConstraintSpec spec(String schema) {
    ObjectNode outputs = JsonNodeFactory.instance.objectNode().put("json", schema);
    return ConstraintSpec.of(null, outputs).orElseThrow();
  }

  static Constraint compile(String schema) {
    return Constraint.compile(spec(schema));
  }

  static boolean accepts(Constraint constraint, String text) {
    State state = constraint.next(constraint.start(), text.getBytes(StandardCharsets.UTF_8));
    return state != null && constraint.isComplete(state);
  }

  static boolean accepts(String schema, String text) {
    return accepts(compile(schema), text);
  }

  /** Why a schema is refused. */
  static ConstraintException refusal(String schema) {
    ConstraintSpec spec = spec(schema);
    AtomicReference<ConstraintException> refusal = new AtomicReference<>();
    assertThatExceptionOfType(ConstraintException.class)
        .as(schema)
        .isThrownBy(() -> Constraint.compile(spec))
        .satisfies(refusal::set);
    return refusal.get();
  }
}
