package io.github.gptoss.spark.functions;

import io.github.gptoss.spark.call.ResolvedCall;
import io.github.gptoss.spark.conf.OptionKey;
import io.github.gptoss.spark.conf.OptionValues;
import io.github.gptoss.spark.executor.CompletionObserver;
import io.github.gptoss.spark.executor.CompletionStore;
import io.github.gptoss.spark.schema.RequestSchema;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedArgumentExpression;
import org.apache.spark.sql.catalyst.expressions.RuntimeReplaceable;
import org.apache.spark.sql.catalyst.expressions.StructsToJson;
import org.apache.spark.sql.catalyst.expressions.VariableReference;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.collection.immutable.Map$;

/**
 * Reads the arguments of a call: the first is the input, the others are options by name. Constants
 * are checked at once, as part of the call's options; what differs from row to row stays an
 * expression and is checked with its row.
 */
final class FunctionArguments {
  /** The options that a call may set, in the order of the documentation. */
  static final List<OptionKey> NAMES =
      List.of(
          OptionKey.MODEL,
          OptionKey.SYSTEM_PROMPT,
          OptionKey.DEVELOPER_PROMPT,
          OptionKey.REASONING_EFFORT,
          OptionKey.MAX_TOKENS,
          OptionKey.MAX_REASONING_TOKENS,
          OptionKey.TEMPERATURE,
          OptionKey.TOP_P,
          OptionKey.TOP_K,
          OptionKey.MIN_P,
          OptionKey.SEED,
          OptionKey.STOP,
          OptionKey.TOOLS,
          OptionKey.RESPONSE_FORMAT,
          OptionKey.FAIL_ON_ERROR);

  /** One engine serves all rows, and a task fails or does not. */
  private static final Set<OptionKey> CONSTANT = Set.of(OptionKey.MODEL, OptionKey.FAIL_ON_ERROR);

  private final FunctionName function;
  private final Map<OptionKey, String> constants = new EnumMap<>(OptionKey.class);
  private final Map<OptionKey, Expression> perRow = new EnumMap<>(OptionKey.class);
  private Expression input;

  private FunctionArguments(FunctionName function) {
    this.function = function;
  }

  /**
   * The call that these arguments describe.
   *
   * @throws io.github.gptoss.engine.error.InvalidConfigException if an argument's name, type or
   *     constant value is wrong
   */
  static CompletionExpression read(FunctionName function, List<Expression> arguments) {
    FunctionArguments read = new FunctionArguments(function);
    read.readAll(arguments);
    Map<String, String> named = new HashMap<>();
    read.constants.forEach((key, value) -> named.put(key.optionName(), value));
    // The session's own configuration: a view is analysed under one that knows Spark's keys only.
    ResolvedCall call = ResolvedCall.of(SparkSession.active(), named);
    return new CompletionExpression(
        new FunctionCall(
            function.sqlName(),
            function.isMessages(),
            read.constants,
            call.options(),
            CompletionObserver.NONE,
            CompletionStore.Factory.NONE),
        RequestSchema.of(read.input, read.perRow));
  }

  private void readAll(List<Expression> arguments) {
    if (arguments.isEmpty()) {
      throw FunctionErrors.noInput(function);
    }
    for (int i = 0; i < arguments.size(); i++) {
      Expression argument = arguments.get(i);
      if (i == 0) {
        input = input(argument);
      } else if (argument instanceof NamedArgumentExpression named) {
        set(named.key(), named.value());
      } else if (i == 1 && argument.dataType() instanceof StructType fields) {
        // Where names cannot be given, as in functions of a catalog.
        for (int f = 0; f < fields.length(); f++) {
          set(fields.fieldNames()[f], StructFields.field(argument, f));
        }
      } else {
        throw FunctionErrors.positional(function, i + 1);
      }
    }
  }

  private Expression input(Expression argument) {
    Expression value = argument;
    if (argument instanceof NamedArgumentExpression named) {
      if (!named.key().equalsIgnoreCase(function.inputName())) {
        throw FunctionErrors.noInput(function);
      }
      value = named.value();
    }
    DataType type = value.dataType();
    if (type instanceof StringType || type instanceof NullType) {
      return string(value);
    }
    if (function.isMessages()
        && type instanceof ArrayType array
        && array.elementType() instanceof StructType message
        && List.of(message.fieldNames()).containsAll(List.of("role", "content"))) {
      return json(value);
    }
    throw FunctionErrors.inputType(function, type);
  }

  private void set(String name, Expression value) {
    OptionKey key = function.option(name);
    if (constants.containsKey(key) || perRow.containsKey(key)) {
      throw FunctionErrors.givenTwice(function, key);
    }
    Expression text = text(key, value);
    if (isConstant(value)) {
      String constant = constant(isStrings(value.dataType()) ? value : text);
      if (constant != null) {
        constants.put(key, constant);
      }
    } else if (CONSTANT.contains(key)) {
      throw FunctionErrors.notConstant(function, key);
    } else {
      perRow.put(key, text);
    }
  }

  private Expression text(OptionKey key, Expression value) {
    DataType type = value.dataType();
    boolean fits =
        switch (key.kind()) {
          case STRING -> type instanceof StringType;
          case STRING_LIST -> type instanceof StringType || isStrings(type);
          case BOOLEAN -> type instanceof StringType || type instanceof BooleanType;
          default -> type instanceof StringType || type instanceof NumericType;
        };
    if (!fits && !(type instanceof NullType)) {
      throw FunctionErrors.argumentType(function, key, type);
    }
    return isStrings(type) ? json(value) : string(value);
  }

  private static boolean isStrings(DataType type) {
    return type instanceof ArrayType array && array.elementType() instanceof StringType;
  }

  private static Expression string(Expression value) {
    return value.dataType().equals(DataTypes.StringType)
        ? value
        : new Cast(value, DataTypes.StringType, timeZone());
  }

  private static Expression json(Expression value) {
    return new StructsToJson(Map$.MODULE$.empty(), value, timeZone());
  }

  private static Option<String> timeZone() {
    return Option.apply(SQLConf.get().sessionLocalTimeZone());
  }

  /** The value as an option's text, null where it is null. */
  private static String constant(Expression value) {
    Object constant = value.eval(null);
    if (constant instanceof ArrayData strings) {
      List<String> texts = new ArrayList<>();
      for (int i = 0; i < strings.numElements(); i++) {
        texts.add(strings.isNullAt(i) ? null : strings.getUTF8String(i).toString());
      }
      return OptionValues.jsonArray(texts);
    }
    return constant == null ? null : constant.toString();
  }

  /**
   * Whether the value is known before any row and before the optimizer: made of literals and
   * session variables by what evaluates as it stands.
   */
  private static boolean isConstant(Expression value) {
    return value.foldable()
        && !value.exists(
            e ->
                e instanceof RuntimeReplaceable
                    || (e.children().isEmpty()
                        && !(e instanceof Literal || e instanceof VariableReference)));
  }
}
