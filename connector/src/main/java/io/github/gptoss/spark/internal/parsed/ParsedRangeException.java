package io.github.gptoss.spark.internal.parsed;

import org.apache.spark.sql.types.DataType;

/** A value of an answer is beyond the range of its column's type. */
public final class ParsedRangeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ParsedRangeException(DataType type) {
    super(
        "the answer holds a value that is beyond "
            + type.sql()
            + ": give the schema bounds that the type has, or set parsed_type to string");
  }
}
