package io.github.gptoss.spark.internal.parsed;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.error.InvalidConfigException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.spark.SparkArithmeticException;
import org.apache.spark.sql.catalyst.parser.ParseException;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;

/**
 * A Spark type that is given in the place of a schema, as DDL: {@code
 * struct<category:string,urgency:int>}. Every field of a struct is written; it may be null unless
 * it is {@code NOT NULL}. Items of arrays and values of maps are not null. Comments of fields
 * become descriptions.
 *
 * @param schema the JSON Schema of its values
 * @param parsed reads them
 */
public record DeclaredType(ObjectNode schema, ParsedType parsed) {
  private static final String TYPE = "type";

  /** As many as answers may have open brackets. */
  private static final int MAX_DEPTH = 200;

  private static final Pattern QUOTED =
      Pattern.compile("`[^`]*`|'(?:[^'\\\\]|\\\\.)*+'|\"(?:[^\"\\\\]|\\\\.)*+\"", Pattern.DOTALL);

  private record Declared(ObjectNode schema, JsonReader reader) {}

  /**
   * Reads DDL.
   *
   * @throws InvalidConfigException if it is none, or has a type that no JSON stands for
   */
  public static DeclaredType of(String ddl) {
    DataType type = type(ddl);
    Declared declared = declared(type);
    return new DeclaredType(declared.schema(), ParsedType.ofJson(type, declared.reader()));
  }

  private static DataType type(String ddl) {
    if (depth(ddl) > MAX_DEPTH) {
      throw new InvalidConfigException(
          "option response_format has a type that is nested more than "
              + MAX_DEPTH
              + " deep: use a flatter one");
    }
    try {
      return DataType.fromDDL(ddl);
    } catch (Exception e) {
      // Scala declares no exceptions: the compiler does not let the checked one be named. Numbers
      // of digits that decimals do not have are no fault of the syntax.
      if (e instanceof ParseException || e instanceof SparkArithmeticException) {
        throw new InvalidConfigException(
            "option response_format is neither OpenAI's JSON nor a type such as"
                + " struct<category:string,urgency:int>",
            e);
      }
      throw e;
    }
  }

  /** Spark's parser needs time and stack for each level. Quoted names and comments have none. */
  private static int depth(String ddl) {
    int depth = 0;
    int deepest = 0;
    for (char c : QUOTED.matcher(ddl).replaceAll("").toCharArray()) {
      depth += c == '<' ? 1 : c == '>' ? -1 : 0;
      deepest = Math.max(deepest, depth);
    }
    return deepest;
  }

  private static Declared declared(DataType type) {
    if (type instanceof StructType struct) {
      return struct(struct);
    }
    if (type instanceof ArrayType array) {
      Declared items = declared(array.elementType());
      ObjectNode schema = schema("array");
      schema.set("items", items.schema());
      return new Declared(schema, JsonReader.array(items.reader()));
    }
    if (type instanceof MapType map && map.keyType() instanceof StringType) {
      Declared values = declared(map.valueType());
      ObjectNode schema = schema("object");
      schema.set("additionalProperties", values.schema());
      return new Declared(schema, JsonReader.map(values.reader()));
    }
    if (type instanceof DecimalType decimal) {
      return decimal(decimal);
    }
    if (type instanceof ByteType
        || type instanceof ShortType
        || type instanceof IntegerType
        || type instanceof LongType) {
      BigDecimal size = BigDecimal.valueOf(2).pow(type.defaultSize() * Byte.SIZE - 1);
      return new Declared(
          bounded(schema("integer"), size.negate(), size.subtract(BigDecimal.ONE)),
          JsonReader.integer(type));
    }
    return plain(type);
  }

  private static Declared plain(DataType type) {
    // Subclasses of strings have a length, which they would not keep.
    if (type.equals(DataTypes.StringType)) {
      return new Declared(schema("string"), JsonReader.TEXT);
    }
    if (type instanceof BooleanType) {
      return new Declared(schema("boolean"), JsonReader.BOOLEAN);
    }
    if (type instanceof DoubleType) {
      return new Declared(schema("number"), JsonReader.DOUBLE);
    }
    if (type instanceof FloatType) {
      return new Declared(schema("number"), JsonReader.FLOAT);
    }
    if (type instanceof DateType) {
      return new Declared(schema("string").put("format", "date"), JsonReader.DATE);
    }
    if (type instanceof TimestampType) {
      return new Declared(schema("string").put("format", "date-time"), JsonReader.TIMESTAMP);
    }
    throw new InvalidConfigException(
        "option response_format has type "
            + type.sql()
            + ", which no JSON stands for: use string, boolean, integers, float, double, decimal,"
            + " date, timestamp, arrays, structs, and maps of strings");
  }

  private static Declared decimal(DecimalType type) {
    BigDecimal end = BigDecimal.ONE.movePointRight(type.precision() - type.scale());
    BigDecimal step = BigDecimal.ONE.movePointLeft(type.scale());
    ObjectNode schema = schema(type.scale() == 0 ? "integer" : "number");
    if (type.scale() > 0) {
      schema.put("multipleOf", step);
    }
    BigDecimal most = end.subtract(step);
    return new Declared(bounded(schema, most.negate(), most), JsonReader.decimal(type));
  }

  private static Declared struct(StructType type) {
    ObjectNode schema = schema("object");
    ObjectNode properties = schema.putObject("properties");
    ArrayNode required = schema.putArray("required");
    schema.put("additionalProperties", false);
    List<String> names = new ArrayList<>();
    List<JsonReader> readers = new ArrayList<>();
    Set<String> lower = new HashSet<>();
    for (StructField field : type.fields()) {
      if (!lower.add(field.name().toLowerCase(Locale.ROOT))) {
        throw new InvalidConfigException(
            "option response_format has a struct with two fields "
                + field.name()
                + ": give each a name of its own, whatever the case");
      }
      Declared declared = declared(field.dataType());
      ObjectNode value = nullable(declared.schema(), field.nullable());
      if (field.getComment().isDefined()) {
        value.put("description", field.getComment().get());
      }
      properties.set(field.name(), value);
      required.add(field.name());
      names.add(field.name());
      readers.add(declared.reader());
    }
    if (names.isEmpty()) {
      throw new InvalidConfigException(
          "option response_format has a struct without fields: give it one");
    }
    return new Declared(schema, JsonReader.struct(names, readers));
  }

  private static ObjectNode schema(String type) {
    return ParsedType.JSON.createObjectNode().put(TYPE, type);
  }

  private static ObjectNode bounded(ObjectNode schema, BigDecimal least, BigDecimal most) {
    return schema.put("minimum", least).put("maximum", most);
  }

  private static ObjectNode nullable(ObjectNode schema, boolean isNullable) {
    if (!isNullable) {
      return schema;
    }
    ObjectNode nullable = schema.deepCopy();
    nullable.putArray(TYPE).add(schema.get(TYPE)).add("null");
    return nullable;
  }
}
