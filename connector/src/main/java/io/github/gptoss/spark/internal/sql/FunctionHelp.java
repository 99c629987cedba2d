package io.github.gptoss.spark.internal.sql;

import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.tasks.Task;
import io.github.gptoss.spark.internal.tasks.TaskParameter;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.expressions.ExpressionInfo;

/** What DESCRIBE FUNCTION says. */
final class FunctionHelp {
  private static final String SINCE = "0.1.0";

  private FunctionHelp() {}

  static ExpressionInfo of(FunctionName function) {
    return info(function, List.of(), usage(function), arguments(function), example(function));
  }

  static ExpressionInfo of(TaskFunction function) {
    Task task = function.task();
    StringBuilder arguments = new StringBuilder("\n    Arguments:\n");
    for (TaskParameter parameter : task.parameters()) {
      line(arguments, parameter.argumentName(), parameter.description());
    }
    options(arguments, function);
    return info(
        function,
        task.parameters().stream()
            .filter(parameter -> !parameter.mayBeColumn())
            .map(TaskParameter::argumentName)
            .toList(),
        "_FUNC_("
            + function.usage()
            + ") - "
            + task.description()
            + (function.isDetail()
                ? ". Returns the whole completion, a struct whose parsed is what the model answered."
                : ". Null where a row has an error."),
        arguments.append("  ").toString(),
        example(function));
  }

  private static String example(TaskFunction function) {
    String call = function.task().example();
    if (function.isDetail()) {
      return "SELECT d.parsed, d.error_code FROM (SELECT " + call + " AS d FROM tickets);";
    }
    return function.task() == Task.FILTER
        ? "SELECT * FROM tickets WHERE " + call + ";"
        : "SELECT " + call + " FROM tickets;";
  }

  private static ExpressionInfo info(
      SqlFunction function,
      List<String> constantArguments,
      String usage,
      String arguments,
      String example) {
    List<String> constants =
        Stream.concat(
                constantArguments.stream(),
                function.options().stream()
                    .filter(key -> !key.isPerRow())
                    .map(OptionKey::optionName))
            .toList();
    return new ExpressionInfo(
        CompletionExpression.class.getName(),
        null,
        function.sqlName(),
        usage,
        arguments,
        "\n    Examples:\n      > " + example + "\n       ...\n  ",
        "\n    Rows are completed in large batches, by an operator BatchGenerate of the plan. Arguments"
            + " may be columns,\n    except "
            + String.join(", ", constants)
            + ".\n    What is not given comes from spark.gptoss.*.\n  ",
        "misc_funcs",
        SINCE,
        "",
        "scala_udf");
  }

  private static String usage(FunctionName function) {
    String call = "_FUNC_(" + function.inputName() + "[, name => value, ...]) - ";
    return call
        + switch (function) {
          case GENERATE ->
              "Completes a prompt with a gpt-oss model. Returns a struct with response, reasoning,"
                  + " tool_calls, finish_reason, usage, error_code and error_message.";
          case CHAT ->
              "Completes a conversation with a gpt-oss model. Returns the same struct as"
                  + " gptoss_generate.";
          case TEXT ->
              "Completes a prompt with a gpt-oss model. Returns the answer alone; null where there"
                  + " is an error.";
        };
  }

  private static String arguments(FunctionName function) {
    StringBuilder text = new StringBuilder("\n    Arguments:\n");
    line(
        text,
        function.inputName(),
        function.isMessages()
            ? "a conversation: array<struct<role: string, content: ...>>, or message JSON"
            : "the prompt, a string or what Spark casts to one");
    options(text, function);
    return text.append("  ").toString();
  }

  private static void options(StringBuilder text, SqlFunction function) {
    for (OptionKey key : function.options()) {
      line(text, key.optionName(), key.description());
    }
  }

  private static void line(StringBuilder text, String name, String description) {
    text.append("      * ").append(name).append(" - ").append(description).append("\n");
  }

  private static String example(FunctionName function) {
    return switch (function) {
      case GENERATE ->
          "SELECT _FUNC_(body, max_tokens => 200, reasoning_effort => 'low').response FROM"
              + " tickets;";
      case CHAT ->
          "SELECT _FUNC_(array(named_struct('role', 'user', 'content', body))).response FROM"
              + " tickets;";
      case TEXT -> "SELECT _FUNC_(concat('Summarise: ', body), seed => id) FROM tickets;";
    };
  }
}
