package io.github.gptoss.spark.internal.tasks;

import io.github.gptoss.spark.internal.options.CallException;
import io.github.gptoss.spark.internal.options.Condition;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The errors of the task functions' arguments: one line each. They name places, not labels, which
 * are parts of prompts.
 */
final class TaskErrors {
  private TaskErrors() {}

  static CallException emptyList(String function, TaskParameter list) {
    return argument(function, list, "is empty: give at least one");
  }

  static CallException tooMany(String function, TaskParameter list, int given, int most) {
    return argument(function, list, "has %s entries: it may have at most %s", given, most);
  }

  static CallException tooManyForMultiLabel(String function, int given, int most) {
    return argument(
        function,
        TaskParameter.LABELS,
        "has %s entries: with multi_label it may have at most %s",
        given,
        most);
  }

  static CallException nullEntry(String function, TaskParameter list, int place) {
    return argument(function, list, "has a null at place %s: leave it out", place);
  }

  static CallException blankEntry(String function, TaskParameter list, int place) {
    return argument(function, list, "has a blank text at place %s: leave it out", place);
  }

  static CallException sameTwice(String function, TaskParameter list, int first, int second) {
    return argument(
        function, list, "has the same text at places %s and %s: keep one", first, second);
  }

  static CallException noLabelOfExample(String function, int place) {
    return argument(
        function,
        TaskParameter.EXAMPLES,
        "says at place %s what is none of the labels: give examples of the labels",
        place);
  }

  static CallException labelsOfExample(String function, int place, int labels) {
    return argument(
        function,
        TaskParameter.EXAMPLES,
        "has %s labels at place %s: without multi_label, a text has one",
        labels,
        place);
  }

  static CallException tooFewWords(String function, long words) {
    return argument(function, TaskParameter.MAX_WORDS, "is %s: it must be at least 1", words);
  }

  static CallException schemaIsNoJson(String function) {
    return argument(
        function,
        TaskParameter.SCHEMA,
        "begins like JSON and is none: give a JSON Schema, OpenAI's response_format JSON, or a type"
            + " such as struct<product:string,cents:int>");
  }

  static CallException unknownPlace(String function, int place, List<TaskParameter> places) {
    return new CallException(
        Condition.GPTOSS_INVALID_OPTION,
        "%s: place %s in option task_prompt is none of its arguments: %s (write {{ for a literal {)"
            .formatted(function, place, names(places)));
  }

  static CallException missingPlace(String function, TaskParameter parameter) {
    return new CallException(
        Condition.GPTOSS_INVALID_OPTION,
        "%s: option task_prompt has no place for argument %s: add {%2$s}"
            .formatted(function, parameter.argumentName()));
  }

  private static String names(List<TaskParameter> parameters) {
    return parameters.stream()
        .map(p -> "{" + p.argumentName() + "}")
        .collect(Collectors.joining(", "));
  }

  private static CallException argument(
      String function, TaskParameter parameter, String problem, Object... values) {
    return new CallException(
        Condition.GPTOSS_INVALID_ARGUMENT,
        "%s: argument %s %s"
            .formatted(function, parameter.argumentName(), problem.formatted(values)));
  }
}
