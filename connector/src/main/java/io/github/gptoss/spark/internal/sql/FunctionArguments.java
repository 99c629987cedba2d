package io.github.gptoss.spark.internal.sql;

import io.github.gptoss.spark.internal.completions.CompletionObserver;
import io.github.gptoss.spark.internal.completions.CompletionStore;
import io.github.gptoss.spark.internal.completions.CompletionType;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import io.github.gptoss.spark.internal.parsed.AnswerForm;
import io.github.gptoss.spark.internal.prompts.MessageList;
import io.github.gptoss.spark.internal.prompts.MessageParts;
import io.github.gptoss.spark.internal.prompts.RequestSchema;
import io.github.gptoss.spark.internal.prompts.TextForm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.CreateNamedStruct;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GetStructField;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedArgumentExpression;
import org.apache.spark.sql.catalyst.expressions.RuntimeReplaceable;
import org.apache.spark.sql.catalyst.expressions.StructsToJson;
import org.apache.spark.sql.catalyst.expressions.VariableReference;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NullType;
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
      Arrays.stream(OptionKey.values()).filter(OptionKey::isArgument).toList();

  private final FunctionName function;
  private final Map<OptionKey, String> constants = new EnumMap<>(OptionKey.class);
  private final Map<OptionKey, Expression> perRow = new EnumMap<>(OptionKey.class);
  private Expression input;

  /** Whether a struct's field says the form of the answer. */
  private boolean ofStruct;

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
    OptionValues options = read.typed(call.options());
    return new CompletionExpression(
        new FunctionCall(
            function.sqlName(),
            function.isMessages(),
            read.constants,
            options,
            CompletionType.of(options),
            CompletionObserver.NONE,
            CompletionStore.Factory.NONE),
        RequestSchema.of(read.input, read.perRow));
  }

  /**
   * Rows with forms of their own have no type in common. What a struct holds may be a constant, but
   * a function of a catalog has its type before that is seen.
   */
  private OptionValues typed(OptionValues options) {
    boolean differ = ofStruct || perRow.keySet().stream().anyMatch(AnswerForm::isSaidBy);
    boolean isStruct = options.text(OptionKey.PARSED_TYPE).equals("struct");
    return differ && isStruct ? options.with(OptionKey.PARSED_TYPE, "string") : options;
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
          set(fields.fieldNames()[f], field(argument, f));
          ofStruct |= AnswerForm.isSaidBy(function.option(fields.fieldNames()[f]));
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
    boolean caseSensitive = SQLConf.get().caseSensitiveAnalysis();
    if (function.isMessages() && MessageList.isType(type, caseSensitive)) {
      Expression json = json(value);
      return MessageList.hasTextContent(type, caseSensitive) ? new MessageParts(json) : json;
    }
    if (!function.isMessages() && TextForm.isImplicit(type)) {
      return string(value);
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
      String constant = constant(TextForm.isStrings(value.dataType()) ? value : text);
      if (constant != null) {
        constants.put(key, constant);
      }
    } else if (!key.isPerRow()) {
      throw FunctionErrors.notConstant(function, key);
    } else {
      perRow.put(key, text);
    }
  }

  private Expression text(OptionKey key, Expression value) {
    DataType type = value.dataType();
    if (!TextForm.fits(key, type)) {
      throw FunctionErrors.argumentType(function, key, type);
    }
    return TextForm.isStrings(type) ? json(value) : string(value);
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

  /** The field at this place: what it was made of, where that can be seen. */
  private static Expression field(Expression struct, int index) {
    return struct instanceof CreateNamedStruct made
        ? made.valExprs().apply(index)
        : named(struct, ((StructType) struct.dataType()).fieldNames()[index]);
  }

  static Expression named(Expression struct, String name) {
    int index = ((StructType) struct.dataType()).fieldIndex(name);
    return new GetStructField(struct, index, Option.apply(name));
  }
}
