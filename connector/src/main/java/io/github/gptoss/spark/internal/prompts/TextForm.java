package io.github.gptoss.spark.internal.prompts;

import io.github.gptoss.spark.internal.options.OptionKey;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;

/** Which types of Spark's are taken as the text of a prompt or of an option's value. */
public final class TextForm {
  private TextForm() {}

  /**
   * Whether Spark's own string functions cast the type to a string. Binary is left out: its bytes
   * need not be text.
   */
  public static boolean isImplicit(DataType type) {
    return type instanceof StringType
        || type instanceof NullType
        || (!(type instanceof BinaryType)
            && Cast.canANSIStoreAssign(type, DataTypes.StringType)
            && Cast.canAnsiCast(type, DataTypes.StringType));
  }

  /** What to do with a value whose type {@link #isImplicit} refuses. */
  public static String hint(String value, DataType type) {
    return type instanceof BinaryType
        ? "decode(" + value + ", 'utf-8') reads bytes as text"
        : "to_json(" + value + ") gives its text";
  }

  /** Whether a value of the type can be an option's value. */
  public static boolean fits(OptionKey key, DataType type) {
    if (type instanceof StringType || type instanceof NullType) {
      return true;
    }
    return switch (key.kind()) {
      case STRING, JSON_OBJECT, JSON_ARRAY, NUMBERS_BY_TOKEN -> false;
      case STRING_LIST -> isStrings(type);
      case FLAG_OR_NAMES -> type instanceof BooleanType || isStrings(type);
      case BOOLEAN -> type instanceof BooleanType;
      case INT, LONG, BYTES, DURATION, DOUBLE -> type instanceof NumericType;
    };
  }

  /** What {@link #fits} takes, for messages. */
  public static String expected(OptionKey key) {
    return switch (key.kind()) {
      case STRING -> "string";
      case JSON_OBJECT, JSON_ARRAY, NUMBERS_BY_TOKEN -> "string (JSON)";
      case STRING_LIST -> "string or array<string>";
      case FLAG_OR_NAMES -> "boolean, string or array<string>";
      case BOOLEAN -> "boolean";
      case INT, LONG, BYTES, DOUBLE -> "a number";
      case DURATION -> "a number of seconds, or a string such as '30m'";
    };
  }

  public static boolean isStrings(DataType type) {
    return type instanceof ArrayType array && array.elementType() instanceof StringType;
  }
}
