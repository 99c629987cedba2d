package io.github.gptoss.spark.internal.parsed;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.ArrayBasedMapData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.unsafe.types.UTF8String;

/** Makes Spark's internal value of a JSON value that is not null and has the right form. */
@FunctionalInterface
interface JsonReader extends Serializable {
  JsonReader TEXT = json -> UTF8String.fromString(json.textValue());

  /** Any value, as JSON. */
  JsonReader JSON = ParsedType::text;

  JsonReader BOOLEAN = JsonNode::booleanValue;
  JsonReader DOUBLE = JsonNode::doubleValue;
  JsonReader FLOAT = JsonNode::floatValue;

  /** Days since 1970. */
  JsonReader DATE = json -> (int) LocalDate.parse(json.textValue()).toEpochDay();

  /** Microseconds since 1970; finer fractions are cut off. */
  JsonReader TIMESTAMP =
      json ->
          ChronoUnit.MICROS.between(
              OffsetDateTime.parse("1970-01-01T00:00:00Z"),
              OffsetDateTime.parse(json.textValue()).truncatedTo(ChronoUnit.MICROS));

  Object read(JsonNode json);

  /** What stands for null. */
  default Object readNullable(JsonNode json) {
    return json == null || json.isNull() ? null : read(json);
  }

  /** Integers of a type of 8, 16, 32 or 64 bits. */
  static JsonReader integer(DataType type) {
    return json -> {
      BigInteger value = json.bigIntegerValue();
      if (value.bitLength() >= type.defaultSize() * Byte.SIZE) {
        throw new ParsedRangeException(type);
      }
      if (type.equals(DataTypes.LongType)) {
        return value.longValue();
      }
      if (type.equals(DataTypes.IntegerType)) {
        return value.intValue();
      }
      if (type.equals(DataTypes.ShortType)) {
        return value.shortValue();
      }
      return value.byteValue();
    };
  }

  static JsonReader decimal(DecimalType type) {
    return json -> {
      BigDecimal value = json.decimalValue();
      if (value.precision() - value.scale() > type.precision() - type.scale()) {
        throw new ParsedRangeException(type);
      }
      return Decimal.apply(value, type.precision(), type.scale());
    };
  }

  static JsonReader array(JsonReader items) {
    return json -> {
      Object[] values = new Object[json.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = items.readNullable(json.get(i));
      }
      return new GenericArrayData(values);
    };
  }

  /** Objects by name; of members that repeat, the last. */
  static JsonReader map(JsonReader members) {
    return json -> {
      Object[] names = new Object[json.size()];
      Object[] values = new Object[names.length];
      int i = 0;
      for (Map.Entry<String, JsonNode> member : json.properties()) {
        names[i] = UTF8String.fromString(member.getKey());
        values[i++] = members.readNullable(member.getValue());
      }
      return new ArrayBasedMapData(new GenericArrayData(names), new GenericArrayData(values));
    };
  }

  /** Objects by place. */
  static JsonReader struct(List<String> names, List<JsonReader> members) {
    List<String> fields = List.copyOf(names);
    List<JsonReader> readers = List.copyOf(members);
    return json -> {
      Object[] values = new Object[readers.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = readers.get(i).readNullable(json.get(fields.get(i)));
      }
      return new GenericInternalRow(values);
    };
  }
}
