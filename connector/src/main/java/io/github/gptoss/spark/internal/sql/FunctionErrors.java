package io.github.gptoss.spark.internal.sql;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.NearestName;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.prompts.TextForm;
import java.util.List;
import org.apache.spark.sql.types.DataType;

/** The errors of the functions' arguments: one line each. */
public final class FunctionErrors {
  private static final List<String> NAMES =
      FunctionArguments.NAMES.stream().map(OptionKey::optionName).toList();

  private FunctionErrors() {}

  static InvalidConfigException unknownArgument(FunctionName function, String name) {
    String hint = NearestName.hint(name, NAMES);
    return new InvalidConfigException(
        function.sqlName()
            + " has no argument '"
            + name
            + "'"
            + (hint.isEmpty() ? "; its arguments are " + String.join(", ", NAMES) : hint));
  }

  static InvalidConfigException sessionOption(FunctionName function, OptionKey key) {
    return new InvalidConfigException(
        function.sqlName()
            + " has no argument "
            + key.optionName()
            + ": it does not belong to one call, so set "
            + OptionKey.CONF_PREFIX
            + key.optionName()
            + " instead");
  }

  static InvalidConfigException givenTwice(FunctionName function, OptionKey key) {
    return new InvalidConfigException(
        function.sqlName() + ": argument " + key.optionName() + " is given twice: keep one");
  }

  static InvalidConfigException positional(FunctionName function, int position) {
    return new InvalidConfigException(
        function.sqlName()
            + ": argument "
            + position
            + " has no name: write it as name => value, for instance max_tokens => 200");
  }

  static InvalidConfigException noInput(FunctionName function) {
    return new InvalidConfigException(
        function.sqlName()
            + " needs its "
            + function.inputName()
            + " first: "
            + function.sqlName()
            + "("
            + function.inputName()
            + ", name => value, ...)");
  }

  static InvalidConfigException inputType(FunctionName function, DataType type) {
    return new InvalidConfigException(
        function.sqlName()
            + ": argument "
            + function.inputName()
            + " is "
            + type.simpleString()
            + ", expected "
            + (function.isMessages()
                ? "string (message JSON) or array<struct<role: string, content: ...>>"
                : "string: " + TextForm.hint(function.inputName(), type)));
  }

  static InvalidConfigException argumentType(FunctionName function, OptionKey key, DataType type) {
    return new InvalidConfigException(
        function.sqlName()
            + ": argument "
            + key.optionName()
            + " is "
            + type.simpleString()
            + ", expected "
            + TextForm.expected(key));
  }

  public static GptOssException tableOfAnotherSession() {
    return new GptOssException(
        "a table of format gptoss was made in another session, and this one cannot run it: set"
            + " spark.sql.extensions=io.github.gptoss.spark.GptOssExtensions, or call"
            + " GptOss.install(spark) in this session first");
  }

  static InvalidConfigException notConstant(FunctionName function, OptionKey key) {
    return new InvalidConfigException(
        function.sqlName()
            + ": argument "
            + key.optionName()
            + " differs from row to row, but must be a constant: give a literal, or filter the"
            + " rows and call the function for each value");
  }
}
