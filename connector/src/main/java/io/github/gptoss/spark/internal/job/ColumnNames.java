package io.github.gptoss.spark.internal.job;

import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Which names of columns Delta takes only where the table maps them to names of its own. */
final class ColumnNames {
  private static final String ODD = " ,;{}()\n\t=";

  private ColumnNames() {}

  /** The first name, of a column or of a field at any depth, that needs mapping; null if none. */
  static String firstOdd(DataType type) {
    if (type instanceof StructType struct) {
      for (StructField field : struct.fields()) {
        boolean isOdd = field.name().chars().anyMatch(c -> ODD.indexOf(c) >= 0);
        String odd = isOdd ? field.name() : firstOdd(field.dataType());
        if (odd != null) {
          return odd;
        }
      }
      return null;
    }
    if (type instanceof MapType map) {
      String odd = firstOdd(map.keyType());
      return odd != null ? odd : firstOdd(map.valueType());
    }
    return type instanceof ArrayType array ? firstOdd(array.elementType()) : null;
  }
}
