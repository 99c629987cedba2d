package io.github.gptoss.spark.schema;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Conversations as arrays of structs, one a message. */
public final class MessageStructs {
  private static final String ROLE = "role";
  private static final String CONTENT = "content";

  private MessageStructs() {}

  /**
   * The type as which an array of messages becomes message JSON: itself, but with lower-case names,
   * since names match in any case in Spark and not in JSON.
   *
   * @return empty where the type is no array of structs with a role and a content
   */
  public static Optional<DataType> named(DataType type) {
    if (!(type instanceof ArrayType array) || !(array.elementType() instanceof StructType given)) {
      return Optional.empty();
    }
    StructType message = lowerCase(given);
    List<String> names = Arrays.asList(message.fieldNames());
    boolean isMessage =
        names.contains(CONTENT)
            && names.contains(ROLE)
            && message.fields()[names.indexOf(ROLE)].dataType() instanceof StringType;
    return isMessage ? Optional.of(new ArrayType(message, array.containsNull())) : Optional.empty();
  }

  private static StructType lowerCase(StructType given) {
    StructType lower = new StructType();
    for (StructField field : given.fields()) {
      lower =
          lower.add(
              new StructField(
                  field.name().toLowerCase(Locale.ROOT),
                  field.dataType(),
                  field.nullable(),
                  field.metadata()));
    }
    // With names that only their case tells apart, each means itself.
    long distinct = Arrays.stream(lower.fieldNames()).distinct().count();
    return distinct == lower.length() ? lower : given;
  }
}
