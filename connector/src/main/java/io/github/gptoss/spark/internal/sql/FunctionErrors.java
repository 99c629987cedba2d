package io.github.gptoss.spark.internal.sql;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.NearestName;
import io.github.gptoss.spark.internal.options.CallException;
import io.github.gptoss.spark.internal.options.Condition;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.prompts.TextForm;
import java.util.List;
import org.apache.spark.sql.types.DataType;

/** The errors of the functions' arguments: one line each. */
public final class FunctionErrors {
  private static final List<String> NAMES =
      FunctionArguments.NAMES.stream().map(OptionKey::optionName).toList();

  private FunctionErrors() {}

  static CallException unknownArgument(FunctionName function, String name) {
    String hint = NearestName.hint(name, NAMES);
    return invalid(
        "%s has no argument '%s'%s",
        function.sqlName(),
        name,
        hint.isEmpty() ? "; its arguments are " + String.join(", ", NAMES) : hint);
  }

  static CallException sessionOption(FunctionName function, OptionKey key) {
    return invalid(
        "%s has no argument %s: it does not belong to one call, so set %s%2$s instead",
        function.sqlName(), key.optionName(), OptionKey.CONF_PREFIX);
  }

  static CallException givenTwice(FunctionName function, OptionKey key) {
    return invalid(
        "%s: argument %s is given twice: keep one", function.sqlName(), key.optionName());
  }

  static CallException positional(FunctionName function, int position) {
    return invalid(
        "%s: argument %s has no name: write it as name => value, for instance max_tokens => 200",
        function.sqlName(), position);
  }

  static CallException noInput(FunctionName function) {
    return invalid(
        "%s needs its %s first: %1$s(%2$s, name => value, ...)",
        function.sqlName(), function.inputName());
  }

  static CallException inputType(FunctionName function, DataType type) {
    return invalid(
        "%s: argument %s is %s, expected %s",
        function.sqlName(),
        function.inputName(),
        type.simpleString(),
        function.isMessages()
            ? "string (message JSON) or array<struct<role: string, content: ...>>"
            : "string: " + TextForm.hint(function.inputName(), type));
  }

  static CallException argumentType(FunctionName function, OptionKey key, DataType type) {
    return invalid(
        "%s: argument %s is %s, expected %s",
        function.sqlName(), key.optionName(), type.simpleString(), TextForm.expected(key));
  }

  static CallException notConstant(FunctionName function, OptionKey key) {
    return invalid(
        "%s: argument %s differs from row to row, but must be a constant: give a literal, or filter"
            + " the rows and call the function for each value",
        function.sqlName(), key.optionName());
  }

  public static GptOssException tableOfAnotherSession() {
    return new GptOssException(
        "a table of format gptoss was made in another session, and this one cannot run it: set"
            + " spark.sql.extensions=io.github.gptoss.spark.GptOssExtensions, or call"
            + " GptOss.install(spark) in this session first");
  }

  private static CallException invalid(String text, Object... values) {
    return new CallException(Condition.GPTOSS_INVALID_ARGUMENT, text.formatted(values));
  }
}
