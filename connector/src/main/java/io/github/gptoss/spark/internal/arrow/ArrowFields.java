package io.github.gptoss.spark.internal.arrow;

import java.util.Arrays;
import java.util.List;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;

/** Spark's types as Arrow's, as far as completions need them: Spark's own mapping is private. */
public final class ArrowFields {
  private ArrowFields() {}

  public static Field of(String name, DataType type, boolean nullable) {
    return new Field(name, new FieldType(nullable, arrowType(type), null), children(type));
  }

  private static ArrowType arrowType(DataType type) {
    if (type instanceof StringType) {
      return new ArrowType.Utf8();
    }
    if (type instanceof IntegerType) {
      return new ArrowType.Int(Integer.SIZE, true);
    }
    if (type instanceof BooleanType) {
      return new ArrowType.Bool();
    }
    if (type instanceof DoubleType) {
      return new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE);
    }
    if (type instanceof ArrayType) {
      return new ArrowType.List();
    }
    if (type instanceof MapType) {
      return new ArrowType.Map(false);
    }
    if (type instanceof StructType) {
      return new ArrowType.Struct();
    }
    throw new IllegalArgumentException("a completion has no field of type " + type);
  }

  private static List<Field> children(DataType type) {
    if (type instanceof ArrayType array) {
      return List.of(of("element", array.elementType(), array.containsNull()));
    }
    if (type instanceof MapType map) {
      StructType entry =
          new StructType()
              .add(MapVector.KEY_NAME, map.keyType(), false)
              .add(MapVector.VALUE_NAME, map.valueType(), map.valueContainsNull());
      return List.of(of(MapVector.DATA_VECTOR_NAME, entry, false));
    }
    if (type instanceof StructType struct) {
      return Arrays.stream(struct.fields())
          .map(field -> of(field.name(), field.dataType(), field.nullable()))
          .toList();
    }
    return List.of();
  }
}
