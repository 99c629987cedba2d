package io.github.gptoss.spark.internal.tools;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.NearestName;
import java.util.Collection;

/** What is wrong with the options of tools and the tables that they name. */
final class ToolErrors {
  private ToolErrors() {}

  static InvalidConfigException notJson(String option) {
    return invalid("option %s is no JSON object: give one by the functions' names", option);
  }

  static InvalidConfigException setting(String where, String expected) {
    return invalid("option %s: it must be %s", where, expected);
  }

  static InvalidConfigException missing(String where, String name, String what) {
    return invalid("option %s has no %s: give %s", where, name, what);
  }

  static InvalidConfigException unknown(String where, String name, Collection<String> known) {
    return invalid(
        "option %s has an unknown setting '%s'%s; the settings are %s",
        where, name, NearestName.hint(name, known), String.join(", ", known));
  }

  static InvalidConfigException givenTwice(String function) {
    return invalid("function %s is given to two tools: give it to one", function);
  }

  static InvalidConfigException reduction(String option) {
    return invalid(
        "option %s cannot be given together with overflow map_reduce: the parts of a text have no"
            + " conversation in which a tool could answer; set max_tool_rounds to 0 for this call,"
            + " or choose another overflow",
        option);
  }

  static InvalidConfigException noTable(String where, String table, Throwable cause) {
    return new InvalidConfigException(
        "option %s: there is no table or view '%s' in this session; create the view, or name a table"
                .formatted(where, table)
            + " of its catalogs",
        cause);
  }

  static InvalidConfigException noColumn(
      String where, String table, String column, Collection<String> columns) {
    return invalid(
        "option %s: table %s has no column '%s'%s; its columns are %s",
        where, table, column, NearestName.hint(column, columns), String.join(", ", columns));
  }

  static InvalidConfigException keyType(String where, String column, String type) {
    return invalid(
        "option %s: key column '%s' is of type %s, which no argument can equal; use a string, number,"
            + " boolean, date or timestamp",
        where, column, type);
  }

  static InvalidConfigException tooManyRows(String where, long rows, int most) {
    return invalid(
        "option %s: one key has %d rows in the table, and a call answers with %d at most: aggregate"
            + " the table, or give more key columns",
        where, rows, most);
  }

  static InvalidConfigException pageTwice(String where, String table) {
    return invalid(
        "option %s: table %s has several pages of one url, or a page without one: each url must be"
            + " there once",
        where, table);
  }

  static InvalidConfigException notShipped(String option) {
    return invalid(
        "option %s needs its table, which is shipped to executors with the operator BatchGenerate:"
            + " this call is completed row by row, where there is none; move it into a select list, or"
            + " use GptOss.complete",
        option);
  }

  static InvalidConfigException notAllowed(String where, String address, String option) {
    return invalid(
        "option %s: '%s' begins with none of the addresses in option %s: add the address there, if"
            + " the model may call it",
        where, address, option);
  }

  static InvalidConfigException noExecutor(String name, Throwable cause) {
    return new InvalidConfigException(
        ("option tool_executors: there is no tool executor '%s': it must be the name of one that"
                + " java.util.ServiceLoader finds, or the full name of a class, with a public constructor"
                + " without parameters, in a jar that driver and executors have (--jars)")
            .formatted(name),
        cause);
  }

  private static InvalidConfigException invalid(String text, Object... values) {
    return new InvalidConfigException(text.formatted(values));
  }
}
