package io.github.gptoss.spark.internal.prompts;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.NearestName;
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

  static InvalidConfigException noColumns(String wanted) {
    return new InvalidConfigException(
        "column '"
            + wanted
            + "' is missing: the table has no columns at all; give a table of prompts");
  }

  static InvalidConfigException missing(OptionName option, String wanted, List<String> columns) {
    String hint = NearestName.hint(wanted, columns);
    return new InvalidConfigException(
        "option "
            + option.text()
            + " names column '"
            + wanted
            + "', which the table does not have"
            + (hint.isEmpty() ? "; its columns are " + String.join(", ", columns) : hint));
  }

  static InvalidConfigException notAName(String wanted, Exception cause) {
    return new InvalidConfigException(
        "'"
            + wanted
            + "' is not the name of a column: dots part a struct and its fields, and a name with"
            + " dots of its own is written in backquotes, for instance `x.y`.z",
        cause);
  }

  static InvalidConfigException ambiguous(String wanted) {
    return new InvalidConfigException(
        "column '" + wanted + "' occurs more than once in the table: rename all but one");
  }

  static InvalidConfigException outputTaken(String name) {
    return new InvalidConfigException(
        "the table already has a column '"
            + name
            + "': set option output_col to another name, or drop the column first");
  }

  static InvalidConfigException notText(OptionKey option, String column, DataType type) {
    return new InvalidConfigException(
        "option "
            + option.optionName()
            + ": column '"
            + column
            + "' is "
            + type.simpleString()
            + ", expected string: "
            + TextForm.hint(column, type));
  }

  static InvalidConfigException wrongType(
      OptionName option, String column, DataType type, String expected) {
    return new InvalidConfigException(
        "option "
            + option.text()
            + ": column '"
            + column
            + "' is "
            + type.simpleString()
            + ", expected "
            + expected);
  }

  static InvalidConfigException notMessages(String column, DataType type) {
    return new InvalidConfigException(
        "option messages_col: column '"
            + column
            + "' is "
            + type.simpleString()
            + ", expected string (message JSON) or array<struct<role: string, content: ...>>");
  }

  static InvalidConfigException notRequest(String column, DataType type) {
    return new InvalidConfigException(
        "option request_col: column '"
            + column
            + "' is "
            + type.simpleString()
            + ", expected struct<messages: string, parameters: map<string, string>>");
  }

  static InvalidConfigException strayBrace(int at) {
    return new InvalidConfigException(
        "option prompt_template has a } without its { at character "
            + at
            + ": write }} for a literal }");
  }

  static InvalidConfigException unclosedBrace(int at) {
    return new InvalidConfigException(
        "option prompt_template has a { at character "
            + at
            + " that is not followed by a column's name and }: write {{ for a literal {");
  }

  /** Does not quote what is in the braces, which is part of a prompt. */
  static InvalidConfigException literalBraces() {
    return new InvalidConfigException(
        "option prompt_template has braces around what is no column's name: write {{ for a literal {"
            + " and }} for a literal }, as in JSON");
  }
}
