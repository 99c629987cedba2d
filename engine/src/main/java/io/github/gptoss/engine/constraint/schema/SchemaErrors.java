package io.github.gptoss.engine.constraint.schema;

import io.github.gptoss.engine.constraint.text.PatternException;
import io.github.gptoss.engine.error.ConstraintException;
import io.github.gptoss.engine.error.ConstraintException.Code;

/** The errors of schemas: problem, cause and fix in one line. */
final class SchemaErrors {
  private SchemaErrors() {}

  static ConstraintException invalid(String keyword, String path, String expected) {
    return error(
        Code.INVALID_SCHEMA, keyword, path, keyword + " has to be " + expected, "Mend the schema");
  }

  static ConstraintException unsupported(String keyword, String path, String why) {
    return error(
        Code.UNSUPPORTED_SCHEMA,
        keyword,
        path,
        keyword + " cannot be guaranteed: " + why,
        "Remove it from the schema, or check the answers afterwards");
  }

  static ConstraintException unsatisfiable(String keyword, String path, String why) {
    return error(
        Code.UNSATISFIABLE_SCHEMA, keyword, path, "no value fits: " + why, "Loosen the schema");
  }

  static ConstraintException tooLarge(String keyword, String path, String limit) {
    return error(
        Code.UNSUPPORTED_SCHEMA,
        keyword,
        path,
        keyword + " is beyond a limit: " + limit,
        "Make the schema simpler");
  }

  static ConstraintException ofPattern(PatternException e, String path) {
    return e.isUnsupported()
        ? unsupported("pattern", path, "it holds " + e.getMessage())
        : invalid("pattern", path, "a regular expression of ECMA-262, and holds " + e.getMessage());
  }

  private static ConstraintException error(
      Code code, String keyword, String path, String problem, String fix) {
    String place = path.isEmpty() ? "schema" : "schema at " + path;
    return new ConstraintException(
        code, keyword, path, String.format("%s: %s. %s.", place, problem, fix));
  }
}
