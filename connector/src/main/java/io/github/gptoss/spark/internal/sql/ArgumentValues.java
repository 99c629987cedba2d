package io.github.gptoss.spark.internal.sql;

import io.github.gptoss.spark.internal.options.OptionValues;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.CreateArray;
import org.apache.spark.sql.catalyst.expressions.CreateMap;
import org.apache.spark.sql.catalyst.expressions.CreateNamedStruct;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GetStructField;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.RuntimeReplaceable;
import org.apache.spark.sql.catalyst.expressions.StructsToJson;
import org.apache.spark.sql.catalyst.expressions.VariableReference;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import scala.Option;
import scala.collection.immutable.Map$;

/** What arguments of calls are: constants, texts and fields. */
final class ArgumentValues {
  private ArgumentValues() {}

  static Literal text(String text) {
    return new Literal(UTF8String.fromString(text), DataTypes.StringType);
  }

  /** The value as a string. */
  static Expression string(Expression value) {
    return value.dataType().equals(DataTypes.StringType)
        ? value
        : new Cast(value, DataTypes.StringType, timeZone());
  }

  static Expression json(Expression value) {
    return new StructsToJson(Map$.MODULE$.empty(), value, timeZone());
  }

  private static Option<String> timeZone() {
    return Option.apply(SQLConf.get().sessionLocalTimeZone());
  }

  /** The value as an option's text, null where it is null. */
  static String constant(Expression value) {
    Object constant = value.eval(null);
    if (constant instanceof ArrayData strings) {
      return OptionValues.jsonArray(strings(strings));
    }
    return constant == null ? null : constant.toString();
  }

  /** Strings of Spark's as strings; null stays null. */
  static List<String> strings(ArrayData strings) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < strings.numElements(); i++) {
      texts.add(strings.isNullAt(i) ? null : strings.getUTF8String(i).toString());
    }
    return texts;
  }

  /**
   * The value as one that {@link #isConstant} tells for a constant, where it is one: what the
   * optimizer would put in the place of functions has taken it.
   */
  static Expression plain(Expression value) {
    Expression plain =
        (Expression)
            value.transform(
                Scala.everywhere(
                    Expression.class,
                    e -> e instanceof RuntimeReplaceable r ? r.replacement() : e));
    return isConstant(plain) ? plain : value;
  }

  /**
   * Whether the value is known before any row and before the optimizer: made of literals and
   * session variables by what evaluates as it stands.
   */
  static boolean isConstant(Expression value) {
    return value.foldable()
        && !value.exists(
            e -> e instanceof RuntimeReplaceable || (e.children().isEmpty() && !isConstantLeaf(e)));
  }

  /** Arrays and maps without entries are leaves, too. */
  private static boolean isConstantLeaf(Expression leaf) {
    return leaf instanceof Literal
        || leaf instanceof VariableReference
        || leaf instanceof CreateArray
        || leaf instanceof CreateMap;
  }

  /** The field at this place: what it was made of, where that can be seen. */
  static Expression field(Expression struct, int index) {
    return struct instanceof CreateNamedStruct made
        ? made.valExprs().apply(index)
        : named(struct, ((StructType) struct.dataType()).fieldNames()[index]);
  }

  static Expression named(Expression struct, String name) {
    int index = ((StructType) struct.dataType()).fieldIndex(name);
    return new GetStructField(struct, index, Option.apply(name));
  }
}
