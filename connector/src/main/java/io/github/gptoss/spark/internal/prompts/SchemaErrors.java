package io.github.gptoss.spark.internal.prompts;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.NearestName;
import io.github.gptoss.spark.internal.options.CallException;
import io.github.gptoss.spark.internal.options.Condition;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionName;
import java.util.List;
import org.apache.spark.sql.types.DataType;

/** The errors of columns: one line each. */
final class SchemaErrors {
  private SchemaErrors() {}

  /** A row's error; does not quote the line, which may be a prompt. */
  static String brokenLine(String recordColumn) {
    return "the row's line in the input is malformed JSON, so it has no prompt: column "
        + recordColumn
        + " holds the line; mend it there and run the row again";
  }

  static CallException noColumns(String wanted) {
    return invalid(
        "column '%s' is missing: the table has no columns at all; give a table of prompts", wanted);
  }

  static CallException missing(OptionName option, String wanted, List<String> columns) {
    String hint = NearestName.hint(wanted, columns);
    return invalid(
        "option %s names column '%s', which the table does not have%s",
        option.text(),
        wanted,
        hint.isEmpty() ? "; its columns are " + String.join(", ", columns) : hint);
  }

  static CallException notAName(String wanted, Exception cause) {
    CallException fault =
        invalid(
            "'%s' is not the name of a column: dots part a struct and its fields, and a name with"
                + " dots of its own is written in backquotes, for instance `x.y`.z",
            wanted);
    fault.initCause(cause);
    return fault;
  }

  static CallException ambiguous(String wanted) {
    return invalid("column '%s' occurs more than once in the table: rename all but one", wanted);
  }

  static CallException outputTaken(String name) {
    return invalid(
        "the table already has a column '%s': set option output_col to another name, or drop the"
            + " column first",
        name);
  }

  static CallException notText(OptionKey option, String column, DataType type) {
    return wrongType(option.optionName(), column, type, "string: " + TextForm.hint(column, type));
  }

  static CallException wrongType(OptionName option, String column, DataType type, String expected) {
    return wrongType(option.text(), column, type, expected);
  }

  static CallException notMessages(String column, DataType type) {
    return wrongType(
        "messages_col",
        column,
        type,
        "string (message JSON) or array<struct<role: string, content: ...>>");
  }

  static CallException notRequest(String column, DataType type) {
    return wrongType(
        "request_col", column, type, "struct<messages: string, parameters: map<string, string>>");
  }

  static InvalidConfigException strayBrace(OptionKey option, int at) {
    return new InvalidConfigException(
        "option %s has a } without its { at character %s: write }} for a literal }"
            .formatted(option.optionName(), at));
  }

  static InvalidConfigException unclosedBrace(OptionKey option, int at) {
    return new InvalidConfigException(
        ("option %s has a { at character %s that is not followed by a name and }: write {{ for a"
                + " literal {")
            .formatted(option.optionName(), at));
  }

  /** Does not quote what is in the braces, which is part of a prompt. */
  static InvalidConfigException literalBraces() {
    return new InvalidConfigException(
        "option prompt_template has braces around what is no column's name: write {{ for a literal {"
            + " and }} for a literal }, as in JSON");
  }

  private static CallException wrongType(
      String option, String column, DataType type, String expected) {
    return invalid(
        "option %s: column '%s' is %s, expected %s", option, column, type.simpleString(), expected);
  }

  private static CallException invalid(String text, Object... values) {
    return new CallException(Condition.GPTOSS_INVALID_COLUMN, text.formatted(values));
  }
}
