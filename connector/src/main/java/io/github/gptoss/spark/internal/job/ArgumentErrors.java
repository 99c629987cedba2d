package io.github.gptoss.spark.internal.job;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.NearestName;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Errors of the job's arguments, each by itself and all together. */
final class ArgumentErrors {
  private static final String SEE_HELP = ": --help shows all arguments";
  private static final Pattern NAME = Pattern.compile("[A-Za-z_-]{1,40}");

  private ArgumentErrors() {}

  static InvalidConfigException setTwice(String option) {
    return new InvalidConfigException(
        "option " + option + " is given by its own argument and by --set: keep one");
  }

  static InvalidConfigException setAgain(String option) {
    return new InvalidConfigException("option " + option + " is given twice by --set: keep one");
  }

  static InvalidConfigException setWithoutValue(String assignment) {
    // What is no name may be half of a prompt that was not quoted.
    String name = NAME.matcher(assignment).matches() ? " " + assignment : "";
    return new InvalidConfigException(
        "--set"
            + name
            + " has no value: write --set OPTION=VALUE, for instance --set max_tokens=512");
  }

  static InvalidConfigException belongsToNoOption(int place) {
    // Its text may be half of a prompt that was not quoted.
    return new InvalidConfigException(
        "argument "
            + place
            + " belongs to no option: every argument is --name VALUE; quote a value with blanks");
  }

  static InvalidConfigException unknownArgument(String flag, String hint) {
    return new InvalidConfigException(
        "unknown argument '" + flag + "'" + (hint.isEmpty() ? SEE_HELP : hint));
  }

  static InvalidConfigException withoutValue(String flag, String label) {
    return new InvalidConfigException(
        flag + " has no value: write " + flag + " " + label + "; --help shows all arguments");
  }

  static InvalidConfigException givenTwice(String flag) {
    return new InvalidConfigException(flag + " is given twice: keep one");
  }

  static InvalidConfigException missing(JobArgument... oneOf) {
    String flags =
        Arrays.stream(oneOf)
            .map(argument -> argument.flag() + " " + argument.value())
            .collect(Collectors.joining(" or "));
    return new InvalidConfigException("the job needs " + flags + SEE_HELP);
  }

  static InvalidConfigException exclusive(JobArgument one, JobArgument other) {
    return new InvalidConfigException(
        one.flag() + " and " + other.flag() + " exclude each other: keep one");
  }

  static InvalidConfigException notA(String flag, String expected, String value) {
    return new InvalidConfigException(flag + " is '" + value + "': it must be " + expected);
  }

  static InvalidConfigException notOneOf(String flag, List<String> names, String value) {
    return new InvalidConfigException(
        flag
            + " is '"
            + value
            + "': it must be one of "
            + String.join(", ", names)
            + NearestName.hint(value, names));
  }

  static InvalidConfigException notATable(String argument, String name, Exception cause) {
    return new InvalidConfigException(
        argument
            + " '"
            + name
            + "' is no table's name: write catalog.schema.table, with backquotes around parts that"
            + " are more than letters, digits and underscores",
        cause);
  }

  static InvalidConfigException streamingNeedsDelta(String input) {
    return new InvalidConfigException(
        "--mode streaming reads Delta tables, and "
            + input
            + " is none: leave --mode out, or use --mode batch");
  }

  static InvalidConfigException streamingResumes(String mode) {
    return new InvalidConfigException(
        "--output-mode "
            + mode
            + " is for batch mode: streaming adds new rows to what the output has; use --mode batch"
            + " with it");
  }

  static InvalidConfigException outOfRange(String argument, Object value, String allowed) {
    return new InvalidConfigException(argument + " is " + value + ": it must be " + allowed);
  }

  static InvalidConfigException notAPath(String argument, String path, Exception cause) {
    String problem = path.isBlank() ? "is empty" : "'" + path + "' is no path or URI";
    return new InvalidConfigException(
        argument + " " + problem + ": give a path, or a URI such as s3a://bucket/folder", cause);
  }

  static InvalidConfigException outputIsInput(String path) {
    return new InvalidConfigException(
        "the input and the output are both '" + path + "': write to another table");
  }
}
