package io.github.gptoss.engine.constraint.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.gptoss.engine.constraint.lexeme.NumberBounds;
import io.github.gptoss.engine.constraint.text.Term;
import java.math.BigDecimal;
import java.util.List;

/** Values of one type that fit a conjunction of schemas. */
sealed interface Shape {
  /** The value null. */
  record Null() implements Shape {}

  record Bool(boolean value) implements Shape {}

  record Num(NumberBounds bounds) implements Shape {}

  /** Numbers that are listed. */
  record NumLiterals(List<BigDecimal> values) implements Shape {}

  /**
   * Strings that match a term.
   *
   * @param isCanonical whether a character has one spelling only
   * @param hasFormat whether a format is part of the term, of which other strings are valid too
   */
  record Str(Term term, int min, int max, boolean isCanonical, boolean hasFormat)
      implements Shape {}

  /** Strings that are listed. */
  record StrLiterals(List<String> values) implements Shape {}

  /** Arrays that fit the array keywords of each part. */
  record Arr(List<SchemaNode> parts, int min, int max, boolean isUnique) implements Shape {}

  /** Objects that fit the object keywords of each part. */
  record Obj(List<SchemaNode> parts, int min, int max) implements Shape {}

  /** One array or object. */
  record Literal(JsonNode value) implements Shape {}
}
