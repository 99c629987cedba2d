package io.github.gptoss.spark.internal.parsed;

import io.github.gptoss.engine.constraint.AnswerType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.StructField;

/** Spark's types of the answers that a JSON Schema describes. */
final class SchemaTypes {
  private static final DecimalType INTEGER = new DecimalType(38, 0);

  private SchemaTypes() {}

  private record Typed(DataType type, JsonReader reader) {}

  static ParsedType of(AnswerType answer) {
    Typed typed = typed(answer);
    return ParsedType.ofJson(typed.type(), typed.reader());
  }

  private static Typed typed(AnswerType answer) {
    return switch (answer.kind()) {
      case BOOLEAN -> new Typed(DataTypes.BooleanType, JsonReader.BOOLEAN);
      case LONG -> new Typed(DataTypes.LongType, JsonReader.integer(DataTypes.LongType));
      case INTEGER -> new Typed(INTEGER, JsonReader.decimal(INTEGER));
      case NUMBER -> new Typed(DataTypes.DoubleType, JsonReader.DOUBLE);
      case TEXT -> new Typed(DataTypes.StringType, JsonReader.TEXT);
      case ARRAY -> array(answer.item());
      case OBJECT -> object(answer.members());
      case MAP ->
          new Typed(
              DataTypes.createMapType(DataTypes.StringType, DataTypes.StringType, true),
              JsonReader.map(JsonReader.JSON));
      case NULL, JSON -> json();
    };
  }

  private static Typed json() {
    return new Typed(DataTypes.StringType, JsonReader.JSON);
  }

  private static Typed array(AnswerType item) {
    Typed items = typed(item);
    return new Typed(
        DataTypes.createArrayType(items.type(), item.isNullable()),
        JsonReader.array(items.reader()));
  }

  private static Typed object(List<AnswerType.Member> members) {
    List<StructField> fields = new ArrayList<>();
    List<String> names = new ArrayList<>();
    List<JsonReader> readers = new ArrayList<>();
    Set<String> lower = new HashSet<>();
    for (AnswerType.Member member : members) {
      Typed typed = typed(member.type());
      fields.add(DataTypes.createStructField(member.name(), typed.type(), member.isNullable()));
      names.add(member.name());
      readers.add(typed.reader());
      lower.add(member.name().toLowerCase(Locale.ROOT));
    }
    // Spark's names have no case, and files have no structs without fields.
    return lower.size() < members.size() || members.isEmpty()
        ? json()
        : new Typed(DataTypes.createStructType(fields), JsonReader.struct(names, readers));
  }
}
