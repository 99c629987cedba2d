package io.github.gptoss.spark.internal.sql;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.NearestName;
import io.github.gptoss.spark.internal.options.CallException;
import io.github.gptoss.spark.internal.options.Condition;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.prompts.TextForm;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.types.DataType;

/** The errors of the functions' arguments: one line each. */
public final class FunctionErrors {
  private FunctionErrors() {}

  static CallException unknownArgument(SqlFunction function, String name) {
    List<String> names =
        Stream.concat(
                function.argumentNames().stream(),
                function.options().stream().map(OptionKey::optionName))
            .toList();
    String hint = NearestName.hint(name, names);
    return invalid(
        "%s has no argument '%s'%s",
        function.sqlName(),
        name,
        hint.isEmpty() ? "; its arguments are " + String.join(", ", names) : hint);
  }

  static CallException sessionOption(SqlFunction function, OptionKey key) {
    return invalid(
        "%s has no argument %s: it does not belong to one call, so set %s%2$s instead",
        function.sqlName(), key.optionName(), OptionKey.CONF_PREFIX);
  }

  /** An option of other functions. */
  static CallException notTaken(SqlFunction function, OptionKey key) {
    return invalid(
        "%s has no argument %s: %s",
        function.sqlName(),
        key.optionName(),
        key == OptionKey.TASK_PROMPT
            ? "it is of the task functions, such as gptoss_classify"
            : "the function itself says what form its answers have; gptoss_generate takes any");
  }

  static CallException givenTwice(SqlFunction function, String argument) {
    return invalid("%s: argument %s is given twice: keep one", function.sqlName(), argument);
  }

  static CallException positional(SqlFunction function, int position) {
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

  static CallException argumentType(
      SqlFunction function, String argument, DataType type, String expected) {
    return invalid(
        "%s: argument %s is %s, expected %s",
        function.sqlName(), argument, type.simpleString(), expected);
  }

  static CallException missing(SqlFunction function, String argument) {
    return invalid("%s needs its %s: %1$s(%s)", function.sqlName(), argument, function.usage());
  }

  static CallException positionalAfterNamed(SqlFunction function, int position) {
    return invalid(
        "%s: argument %s has no name and comes after one that has: write it as name => value",
        function.sqlName(), position);
  }

  static CallException isNull(SqlFunction function, String argument) {
    return invalid("%s: argument %s is null: give a value", function.sqlName(), argument);
  }

  static CallException isBlank(SqlFunction function, String argument) {
    return invalid("%s: argument %s is blank: give a text", function.sqlName(), argument);
  }

  /** What the task says differs from what a setting of the session says. */
  static CallException formOfSession(SqlFunction function, OptionKey key) {
    return invalid(
        "%s says itself what form its answers have, and %s%s says another: unset it for this query",
        function.sqlName(), OptionKey.CONF_PREFIX, key.optionName());
  }

  /** A text is cut or divided that has to be seen as a whole. */
  static CallException unseenText(SqlFunction function, String overflow) {
    return invalid(
        "%s: argument overflow is %s, but what the model does not see of a text would stay in it:"
            + " give overflow => 'error', and divide texts that are too long before",
        function.sqlName(), overflow);
  }

  static CallException wrongSchema(SqlFunction function, String problem) {
    return invalid("%s: argument schema%s", function.sqlName(), problem);
  }

  /** A catalog's functions have types that follow from the types of their arguments. */
  static CallException typeByValue(SqlFunction function, String argument, String instead) {
    return invalid(
        "gptoss.%s: argument %s changes the type of the result by its value, which a catalog's"
            + " function cannot: %s",
        function.shortName(), argument, instead);
  }

  /** The rules see the arguments of a catalog's function, its values alone do not say them. */
  static GptOssException taskWithoutRules(SqlFunction function) {
    return new GptOssException(
        "gptoss."
            + function.shortName()
            + " is called in a session that has not its rules: set"
            + " spark.sql.extensions=io.github.gptoss.spark.GptOssExtensions, or call"
            + " GptOss.install(spark)");
  }

  /** What has to be a constant is none, or none that this function can see. */
  static CallException notConstant(SqlFunction function, String argument, Expression value) {
    if (value.exists(e -> e instanceof BoundReference)) {
      return invalid(
          "gptoss.%s: argument %s is not taken by a catalog's function, which knows the types of its"
              + " arguments alone: set %s%2$s, or call %s",
          function.shortName(), argument, OptionKey.CONF_PREFIX, function.sqlName());
    }
    return value.references().isEmpty() && value.deterministic()
        ? invalid(
            "%s: argument %s is computed by what only runs with the query, but has to be known"
                + " before: give a literal, or a variable of the session (DECLARE VARIABLE)",
            function.sqlName(), argument)
        : invalid(
            "%s: argument %s differs from row to row, but must be a constant: give a literal, or"
                + " filter the rows and call the function for each value",
            function.sqlName(), argument);
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
