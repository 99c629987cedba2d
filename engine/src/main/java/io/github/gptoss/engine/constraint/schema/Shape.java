package io.github.gptoss.engine.constraint.schema;

import io.github.gptoss.engine.constraint.lexeme.NumberBounds;
import io.github.gptoss.engine.constraint.schema.Literals.Literal;
import io.github.gptoss.engine.constraint.text.Term;
import java.math.BigDecimal;
import java.util.List;
import java.util.Set;

/** Values of one type that fit a conjunction of schemas. */
sealed interface Shape {
  /** The value null. */
  record Null() implements Shape {}

  record Bool(boolean value) implements Shape {}

  record Num(NumberBounds bounds) implements Shape {}

  /** Numbers that are listed, without trailing zeros. */
  record NumLiterals(Set<BigDecimal> values) implements Shape {}

  /**
   * Strings that match a term.
   *
   * @param isCanonical whether a character has one spelling only
   * @param hasFormat whether a format is part of the term, of which other strings are valid too
   * @param path of a pattern or format that the term holds; empty for none
   */
  record Str(Term term, int min, int max, boolean isCanonical, boolean hasFormat, String path)
      implements Shape {}

  /** Strings that are listed. */
  record StrLiterals(Set<String> values) implements Shape {}

  /** Arrays that fit the array keywords of each part. */
  record Arr(List<SchemaNode> parts, int min, int max, boolean isUnique) implements Shape {}

  /** Objects that fit the object keywords of each part. */
  record Obj(List<SchemaNode> parts, int min, int max) implements Shape {}

  /**
   * Arrays or objects that are listed, as far as they fit a shape.
   *
   * @param among an Arr or an Obj
   */
  record Listed(Set<Literal> values, Shape among) implements Shape {}
}
