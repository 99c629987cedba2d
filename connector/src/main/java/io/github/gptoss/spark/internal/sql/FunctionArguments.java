package io.github.gptoss.spark.internal.sql;

import io.github.gptoss.spark.internal.prompts.MessageList;
import io.github.gptoss.spark.internal.prompts.MessageParts;
import io.github.gptoss.spark.internal.prompts.TextForm;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedArgumentExpression;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;

/** Reads the arguments of a call: the first is the input, the others are options by name. */
final class FunctionArguments {
  private final FunctionName function;
  private final boolean isOfCatalog;
  private final OptionArguments options;
  private Expression input;

  private FunctionArguments(FunctionName function, boolean isOfCatalog) {
    this.function = function;
    this.isOfCatalog = isOfCatalog;
    options = new OptionArguments(function, false);
  }

  /**
   * The call that these arguments describe.
   *
   * @param isOfCatalog whether the type of the result must not depend on the values of a struct
   * @throws io.github.gptoss.engine.error.InvalidConfigException if an argument's name, type or
   *     constant value is wrong
   */
  static CompletionExpression read(
      FunctionName function, List<Expression> arguments, boolean isOfCatalog) {
    FunctionArguments read = new FunctionArguments(function, isOfCatalog);
    read.readAll(arguments);
    return read.options.completion(read.input, function.isMessages(), read.options.resolve(), null);
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
        options.set(named.key(), named.value());
      } else if (i == 1 && argument.dataType() instanceof StructType fields) {
        // Where names cannot be given, as in functions of a catalog and in columns of a program.
        for (int f = 0; f < fields.length(); f++) {
          String name = fields.fieldNames()[f];
          options.set(name, ArgumentValues.field(argument, f));
          if (isOfCatalog) {
            options.setTypeUnknown(name);
          }
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
      return ArgumentValues.string(value);
    }
    boolean caseSensitive = SQLConf.get().caseSensitiveAnalysis();
    if (function.isMessages() && MessageList.isType(type, caseSensitive)) {
      Expression json = ArgumentValues.json(value);
      return MessageList.hasTextContent(type, caseSensitive) ? new MessageParts(json) : json;
    }
    if (!function.isMessages() && TextForm.isImplicit(type)) {
      return ArgumentValues.string(value);
    }
    throw FunctionErrors.inputType(function, type);
  }
}
