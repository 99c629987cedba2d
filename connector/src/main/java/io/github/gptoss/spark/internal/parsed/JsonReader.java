package io.github.gptoss.spark.internal.parsed;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
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

  JsonReader DOUBLE =
      json -> {
        double value = json.doubleValue();
        return Double.isFinite(value) ? value : beyond(DataTypes.DoubleType);
      };

  JsonReader FLOAT =
      json -> {
        float value = json.floatValue();
        return Float.isFinite(value) ? value : beyond(DataTypes.FloatType);
      };

  int OFFSET_LENGTH = "+01:00".length();
  int MAX_YEAR = 9999;
  LocalDateTime EPOCH = LocalDateTime.of(1970, 1, 1, 0, 0);

  /** Days since 1970. */
  JsonReader DATE = json -> (int) LocalDate.parse(json.textValue()).toEpochDay();

  /** Microseconds since 1970; finer fractions are cut off. */
  JsonReader TIMESTAMP = json -> micros(json.textValue());

  /** {@link OffsetDateTime} does not take the offsets of RFC 3339 that are beyond 18 hours. */
  private static Object micros(String dateTime) {
    int end = dateTime.endsWith("Z") ? dateTime.length() - 1 : dateTime.length() - OFFSET_LENGTH;
    LocalDateTime local = LocalDateTime.parse(dateTime.substring(0, end));
    LocalDateTime utc = dateTime.endsWith("Z") ? local : local.minus(offset(dateTime, end));
    return utc.getYear() < 1 || utc.getYear() > MAX_YEAR
        ? beyond(DataTypes.TimestampType)
        : (Object) ChronoUnit.MICROS.between(EPOCH, utc.truncatedTo(ChronoUnit.MICROS));
  }

  /** What a time is ahead of UTC, as {@code +01:00} says. */
  private static Duration offset(String dateTime, int at) {
    Duration size = Duration.between(LocalTime.MIN, LocalTime.parse(dateTime.substring(at + 1)));
    return dateTime.charAt(at) == '-' ? size.negated() : size;
  }

  private static Object beyond(DataType type) {
    throw new ParsedRangeException(type);
  }

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
