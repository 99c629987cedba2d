package io.github.gptoss.engine.constraint.schema;

import io.github.gptoss.engine.error.ConstraintException;
import io.github.gptoss.engine.error.ConstraintException.Code;

/** The errors of schemas: problem, cause and fix in one line. */
final class SchemaErrors {
  private SchemaErrors() {}

  static ConstraintException invalid(String keyword, String path, String expected) {
    return new ConstraintException(
        Code.INVALID_SCHEMA,
        keyword,
        path,
        String.format("%s: %s has to be %s. Mend the schema.", place(path), keyword, expected));
  }

  static ConstraintException unsupported(String keyword, String path, String why) {
    return new ConstraintException(
        Code.UNSUPPORTED_SCHEMA,
        keyword,
        path,
        String.format(
            "%s: %s cannot be guaranteed: %s. Remove it from the schema, or check the answers"
                + " afterwards.",
            place(path), keyword, why));
  }

  static ConstraintException unsatisfiable(String keyword, String path, String why) {
    return new ConstraintException(
        Code.UNSATISFIABLE_SCHEMA,
        keyword,
        path,
        String.format("%s: no value fits: %s. Loosen the schema.", place(path), why));
  }

  static ConstraintException tooLarge(String keyword, String path, String limit) {
    return new ConstraintException(
        Code.UNSUPPORTED_SCHEMA,
        keyword,
        path,
        String.format(
            "%s: %s is beyond a limit: %s. Make the schema simpler.", place(path), keyword, limit));
  }

  private static String place(String path) {
    return path.isEmpty() ? "schema" : "schema at " + path;
  }
}
