package io.github.gptoss.spark.internal.eval;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.NearestName;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** The messages of this package. */
final class EvalErrors {
  private EvalErrors() {}

  static InvalidConfigException outOfRange(EvalArgument argument, String allowed) {
    return invalid("%s must be %s", argument.flag(), allowed);
  }

  static InvalidConfigException noCascade() {
    return invalid(
        "%s needs the efforts of a cascade, which follow each other up to high: give --efforts"
            + " medium,high or low,medium,high",
        EvalArgument.TARGET_ACCURACY.flag());
  }

  static InvalidConfigException unknownBenchmark(List<String> known, String name) {
    String hint = NearestName.hint(name, known);
    return invalid(
        "%s is no benchmark that is known%s",
        EvalArgument.BENCHMARK.flag(),
        hint.isEmpty() ? ": give one of " + String.join(", ", known) : hint);
  }

  static InvalidConfigException unknownEffort() {
    return invalid(
        "%s holds what is no reasoning effort: give some of low, medium, high and none, parted by"
            + " commas",
        EvalArgument.EFFORTS.flag());
  }

  static InvalidConfigException effortsByOption() {
    return invalid(
        "an evaluation asks at several efforts: give --efforts in the place of --reasoning-effort");
  }

  static InvalidConfigException seedByColumn() {
    return invalid(
        "an evaluation gives each sample a seed of its own: give --seed, and leave seed_col out");
  }

  static InvalidConfigException samplesByOption() {
    return invalid(
        "an evaluation has a row for each sample and counts majorities itself: give %s, and leave n"
            + " and vote out",
        EvalArgument.SAMPLES.flag());
  }

  static InvalidConfigException noGrader() {
    return invalid(
        "a table of your own needs --grader: choice, integer, exact, json, regex, numeric or judge");
  }

  static InvalidConfigException noRubric() {
    return invalid(
        "grader judge needs a rubric: give --grader '{\"type\": \"judge\", \"rubric\": \"what makes an"
            + " answer right\"}'");
  }

  static InvalidConfigException exclusiveBaselines() {
    return invalid("--baseline and --baseline-table exclude each other: keep one");
  }

  static InvalidConfigException noColumn(
      String role, List<String> wanted, EvalArgument argument, StructType table) {
    List<String> columns = Arrays.asList(table.fieldNames());
    return invalid(
        "the table has no column of the %s, %s: its columns are %s; name one with %s",
        role,
        String.join(" or ", wanted),
        String.join(", ", columns.subList(0, Math.min(20, columns.size()))),
        argument.flag());
  }

  static InvalidConfigException noId(String wanted, StructType table) {
    return invalid(
        "--id-col %s is no column of the table%s",
        wanted, NearestName.hint(wanted, Arrays.asList(table.fieldNames())));
  }

  static InvalidConfigException noAnswer(String wanted, StructType table) {
    return invalid(
        "the table has no column '%s', which holds one of the answers%s",
        wanted, NearestName.hint(wanted, Arrays.asList(table.fieldNames())));
  }

  static InvalidConfigException noChoices(List<String> wanted) {
    return invalid(
        "the table has neither a list of strings %s nor columns A, B and so on: give the choices in"
            + " one of these forms",
        String.join(" or ", wanted));
  }

  static InvalidConfigException wrongColumn(String role, DataType actual, String expected) {
    return invalid(
        "the column of the %s is of type %s: it must be %s",
        role, actual.catalogString(), expected);
  }

  static InvalidConfigException taken(String column) {
    return invalid("the table has a column '%s', which the results need: rename it", column);
  }

  static InvalidConfigException noResults(String table) {
    return invalid(
        "the baseline %s does not hold the results of an evaluation: it lacks columns evaluation and"
            + " grade",
        table);
  }

  static InvalidConfigException nothingInCommon() {
    return invalid(
        "the baseline has no problem in common with this run: compare runs over the same problems,"
            + " told by the same --id-col");
  }

  static InvalidConfigException noConfidence() {
    return invalid(
        "%s needs the confidence of answers, and no answer has one: constrain them to a finite set,"
            + " for instance --set structured_outputs='{\"choice\": [\"A\", \"B\", \"C\", \"D\"]}'",
        EvalArgument.TARGET_ACCURACY.flag());
  }

  private static InvalidConfigException invalid(String format, Object... values) {
    return new InvalidConfigException(format.formatted(values));
  }
}
