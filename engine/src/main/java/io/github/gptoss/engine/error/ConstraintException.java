package io.github.gptoss.engine.error;

import java.util.Objects;

/** A form of answers that is wrong, that no answer has, or that cannot be guaranteed. */
public final class ConstraintException extends GptOssException {
  private static final long serialVersionUID = 1L;

  /** Stable, machine-readable kinds of errors. */
  public enum Code {
    /** The schema uses what cannot be guaranteed, or is beyond a limit. */
    UNSUPPORTED_SCHEMA,
    /** The schema is no JSON Schema. */
    INVALID_SCHEMA,
    /** No value fits the schema. */
    UNSATISFIABLE_SCHEMA,
    /** The request that holds the schema is wrong. */
    INVALID_REQUEST;

    /** The code as users see it, such as {@code unsupported_schema}. */
    public String text() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  private final Code code;
  private final String keyword;
  private final String path;

  /**
   * @param keyword the keyword or parameter that is at fault; empty where there is none
   * @param path where it stands in the schema, as a JSON pointer
   */
  public ConstraintException(Code code, String keyword, String path, String message) {
    super(message);
    this.code = Objects.requireNonNull(code, "code");
    this.keyword = Objects.requireNonNull(keyword, "keyword");
    this.path = Objects.requireNonNull(path, "path");
  }

  public Code code() {
    return code;
  }

  /** The keyword or parameter that is at fault; empty where there is none. */
  public String keyword() {
    return keyword;
  }

  /** Where the keyword stands in the schema, as a JSON pointer. */
  public String path() {
    return path;
  }
}
