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
    return invalid("option %s is given by its own argument and by --set: keep one", option);
  }

  static InvalidConfigException setAgain(String option) {
    return invalid("option %s is given twice by --set: keep one", option);
  }

  static InvalidConfigException setWithoutValue(String assignment) {
    // What is no name may be half of a prompt that was not quoted.
    String name = NAME.matcher(assignment).matches() ? " " + assignment : "";
    return invalid(
        "--set%s has no value: write --set OPTION=VALUE, for instance --set max_tokens=512", name);
  }

  static InvalidConfigException belongsToNoOption(int place) {
    // Its text may be half of a prompt that was not quoted.
    return invalid(
        "argument %s belongs to no option: every argument is --name VALUE; quote a value with"
            + " blanks",
        place);
  }

  static InvalidConfigException unknownArgument(String flag, String hint) {
    return invalid("unknown argument '%s'%s", flag, hint.isEmpty() ? SEE_HELP : hint);
  }

  static InvalidConfigException withoutValue(String flag, String label) {
    return invalid("%1$s has no value: write %1$s %2$s; --help shows all arguments", flag, label);
  }

  static InvalidConfigException givenTwice(String flag) {
    return invalid("%s is given twice: keep one", flag);
  }

  static InvalidConfigException streamsNoSteps() {
    return invalid("an evaluation compares its rows by their ids: leave --mode streaming out");
  }

  static InvalidConfigException missing(Argument... oneOf) {
    String flags =
        Arrays.stream(oneOf)
            .map(argument -> argument.flag() + " " + argument.value())
            .collect(Collectors.joining(" or "));
    return invalid("the job needs %s%s", flags, SEE_HELP);
  }

  static InvalidConfigException exclusive(Argument one, Argument other) {
    return invalid("%s and %s exclude each other: keep one", one.flag(), other.flag());
  }

  static InvalidConfigException notA(String flag, String expected, String value) {
    return invalid("%s is '%s': it must be %s", flag, value, expected);
  }

  static InvalidConfigException notOneOf(String flag, List<String> names, String value) {
    return invalid(
        "%s is '%s': it must be one of %s%s",
        flag, value, String.join(", ", names), NearestName.hint(value, names));
  }

  static InvalidConfigException notATable(String argument, String name, Exception cause) {
    return new InvalidConfigException(
        ("%s '%s' is no table's name: write catalog.schema.table, with backquotes around parts"
                + " that are more than letters, digits and underscores")
            .formatted(argument, name),
        cause);
  }

  static InvalidConfigException streamingNeedsDelta(String input) {
    return invalid(
        "--mode streaming reads Delta tables, and %s is none: leave --mode out, or use --mode"
            + " batch",
        input);
  }

  static InvalidConfigException streamingResumes(String mode) {
    return invalid(
        "--output-mode %s is for batch mode: streaming adds new rows to what the output has; use"
            + " --mode batch with it",
        mode);
  }

  static InvalidConfigException outOfRange(String argument, Object value, String allowed) {
    return invalid("%s is %s: it must be %s", argument, value, allowed);
  }

  static InvalidConfigException notAPath(String argument, String path, Exception cause) {
    String problem = path.isBlank() ? "is empty" : "'" + path + "' is no path or URI";
    return new InvalidConfigException(
        "%s %s: give a path, or a URI such as s3a://bucket/folder".formatted(argument, problem),
        cause);
  }

  static InvalidConfigException outputIsInput(String path) {
    return invalid("the input and the output are both '%s': write to another table", path);
  }

  private static InvalidConfigException invalid(String text, Object... values) {
    return new InvalidConfigException(text.formatted(values));
  }
}
