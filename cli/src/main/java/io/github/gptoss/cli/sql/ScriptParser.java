package io.github.gptoss.cli.sql;

import java.util.function.Predicate;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.parser.ParserInterface;

/**
 * Whether a text that begins like a script is a whole one, without a semicolon at its end: the
 * parser of a session decides, with those of its extensions.
 */
record ScriptParser(ParserInterface parser) implements Predicate<String> {
  static ScriptParser of(SparkSession spark) {
    return new ScriptParser(
        ((org.apache.spark.sql.classic.SparkSession) spark).sessionState().sqlParser());
  }

  @Override
  public boolean test(String text) {
    try {
      parser.parsePlan(text);
      return true;
    } catch (Exception e) {
      // ParseException is checked in Scala only, so it cannot be caught by its name here. What else
      // is wrong with a text that follows the grammar shows when it runs.
      return !(e instanceof SparkThrowable error)
          || !"PARSE_SYNTAX_ERROR".equals(error.getCondition());
    }
  }
}
