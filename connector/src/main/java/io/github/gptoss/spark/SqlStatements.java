package io.github.gptoss.spark;

import java.util.ArrayList;
import java.util.List;

/** Cuts a script into its statements: at semicolons that are in no string, name or comment. */
final class SqlStatements {
  private final String script;
  private final List<String> statements = new ArrayList<>();
  private int at;
  private int begin;
  private boolean blank = true;

  private SqlStatements(String script) {
    this.script = script;
  }

  /**
   * @param complete statements that a semicolon ended, without it and without blanks around them;
   *     those of nothing but comments are left out
   * @param rest what follows the last semicolon, empty if that is nothing but blanks and comments
   */
  record Split(List<String> complete, String rest) {
    List<String> all() {
      List<String> all = new ArrayList<>(complete);
      if (!rest.isEmpty()) {
        all.add(rest);
      }
      return all;
    }
  }

  static Split split(String script) {
    return new SqlStatements(script).split();
  }

  private Split split() {
    while (at < script.length()) {
      char c = script.charAt(at);
      if (script.startsWith("--", at)) {
        skipLine();
      } else if (script.startsWith("/*", at)) {
        skipComment();
      } else if (c == '\'' || c == '"' || c == '`') {
        blank = false;
        skipQuoted(c);
      } else {
        if (c == ';') {
          end();
        } else if (!Character.isWhitespace(c)) {
          blank = false;
        }
        at++;
      }
    }
    return new Split(List.copyOf(statements), blank ? "" : script.substring(begin).strip());
  }

  private void end() {
    if (!blank) {
      statements.add(script.substring(begin, at).strip());
    }
    begin = at + 1;
    blank = true;
  }

  private void skipLine() {
    int end = script.indexOf('\n', at);
    at = end < 0 ? script.length() : end + 1;
  }

  /** Comments in slashes and stars nest, as in Spark. */
  private void skipComment() {
    int depth = 0;
    do {
      if (script.startsWith("/*", at)) {
        depth++;
        at += 2;
      } else if (script.startsWith("*/", at)) {
        depth--;
        at += 2;
      } else {
        at++;
      }
    } while (depth > 0 && at < script.length());
  }

  private void skipQuoted(char quote) {
    at++;
    while (at < script.length() && script.charAt(at) != quote) {
      at += script.charAt(at) == '\\' && quote != '`' ? 2 : 1;
    }
    at = Math.min(at + 1, script.length());
  }
}
