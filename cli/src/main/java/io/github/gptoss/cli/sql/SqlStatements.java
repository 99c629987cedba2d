package io.github.gptoss.cli.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.apache.spark.sql.SparkSession;

/**
 * Cuts text into SQL statements, at semicolons that are in no string, name or comment. The
 * semicolons within {@code BEGIN ... END} are a script's own: Spark's parser says where a script
 * ends.
 */
public final class SqlStatements {
  /** As many tokens as show a script, which may have a label: {@code name : BEGIN}. */
  private static final int HEAD_TOKENS = 3;

  private final Predicate<String> isScript;
  private final StringBuilder text = new StringBuilder();

  /** The first tokens of the statement that the text begins with; comments are no tokens. */
  private final List<String> head = new ArrayList<>();

  private String last = "";
  private String beforeLast = "";
  private int at;
  private boolean open;

  /**
   * Begins without text.
   *
   * @param isScript tells whether a text that begins like a script is a whole one
   */
  SqlStatements(Predicate<String> isScript) {
    this.isScript = isScript;
  }

  /** The statements of a text, without their semicolons and without blanks around them. */
  public static List<String> of(SparkSession spark, String text) {
    return new SqlStatements(ScriptParser.of(spark)).all(text);
  }

  /** The statements of a whole text. */
  List<String> all(String whole) {
    List<String> all = new ArrayList<>(add(whole));
    if (!rest().isEmpty()) {
      all.add(rest());
    }
    return all;
  }

  /**
   * Takes more text, which may end anywhere but in a word.
   *
   * @return statements that are complete now; those of nothing but comments are left out
   */
  List<String> add(String more) {
    text.append(more);
    open = false;
    List<String> complete = new ArrayList<>();
    while (at < text.length()) {
      boolean comment = isAt("--") || isAt("/*");
      int end = comment ? commentEnd() : tokenEnd();
      if (end < 0) {
        // It goes on with the next text.
        open = !comment;
        break;
      }
      String token = text.substring(at, end);
      at = end;
      if (token.equals(";")) {
        cut(complete);
      } else if (!comment && !token.isBlank()) {
        see(token);
      }
    }
    return complete;
  }

  /** What follows the last statement, empty if that is nothing but blanks and comments. */
  String rest() {
    return head.isEmpty() && !open ? "" : text.toString().strip();
  }

  /** Forgets the rest. */
  void clear() {
    text.setLength(0);
    next();
  }

  private void see(String token) {
    if (head.size() < HEAD_TOKENS) {
      head.add(token);
    }
    beforeLast = last;
    last = token;
  }

  /** Ends a statement at the semicolon that the text has been read up to, if one ends there. */
  private void cut(List<String> complete) {
    String statement = text.substring(0, at - 1).strip();
    if (isInScript() && !(mayEndScript() && isScript.test(statement))) {
      see(";");
      return;
    }
    if (!head.isEmpty()) {
      complete.add(statement);
    }
    text.delete(0, at);
    next();
  }

  private void next() {
    at = 0;
    head.clear();
    last = "";
    beforeLast = "";
    open = false;
  }

  /** Whether the rest begins like a script. */
  boolean isInScript() {
    return isKeyword("BEGIN", 0)
        || (head.size() == HEAD_TOKENS && head.get(1).equals(":") && isKeyword("BEGIN", 2));
  }

  private boolean isKeyword(String keyword, int place) {
    return head.size() > place && head.get(place).equalsIgnoreCase(keyword);
  }

  /** Every script ends with the word END and perhaps a label: the parser is asked only there. */
  private boolean mayEndScript() {
    return last.equalsIgnoreCase("END") || beforeLast.equalsIgnoreCase("END");
  }

  private boolean isAt(String two) {
    return at + 1 < text.length() && text.substring(at, at + 2).equals(two);
  }

  /** Where the comment ends; -1 if that is not in the text. */
  private int commentEnd() {
    if (isAt("--")) {
      int end = at;
      // A backslash before the line break goes on with the comment in the next line.
      do {
        end = text.indexOf("\n", end) + 1;
      } while (end > 1 && text.charAt(end - 2) == '\\');
      return end == 0 ? -1 : end;
    }
    // Comments in slashes and stars nest.
    int depth = 0;
    for (int i = at; i + 1 < text.length(); i++) {
      String two = text.substring(i, i + 2);
      if (two.equals("/*")) {
        depth++;
        i++;
      } else if (two.equals("*/")) {
        depth--;
        i++;
        if (depth == 0) {
          return i + 1;
        }
      }
    }
    return -1;
  }

  /** Where the string, name, word or sign ends; -1 if that is not in the text. */
  private int tokenEnd() {
    char c = text.charAt(at);
    if (c == '\'' || c == '"') {
      return stringEnd(at);
    }
    if (c == '`') {
      return after("`", at + 1);
    }
    if (c == '$') {
      return dollarQuotedEnd();
    }
    int end = at;
    while (end < text.length() && isWordPart(text.charAt(end))) {
      end++;
    }
    if (end < text.length() && text.substring(at, end).equalsIgnoreCase("r")) {
      // A raw string, in which a backslash is a character like any other.
      char quote = text.charAt(end);
      if (quote == '\'' || quote == '"') {
        return after(String.valueOf(quote), end + 1);
      }
    }
    return Math.max(end, at + 1);
  }

  private int stringEnd(int begin) {
    char quote = text.charAt(begin);
    int i = begin + 1;
    while (i < text.length() && text.charAt(i) != quote) {
      i += text.charAt(i) == '\\' ? 2 : 1;
    }
    return i < text.length() ? i + 1 : -1;
  }

  /** {@code $tag$...$tag$}, where the tag is letters or nothing; else the sign alone. */
  private int dollarQuotedEnd() {
    int end = at + 1;
    while (end < text.length() && Character.isLetter(text.charAt(end))) {
      end++;
    }
    if (end == text.length() || text.charAt(end) != '$') {
      return at + 1;
    }
    return after(text.substring(at, end + 1), end + 1);
  }

  private int after(String end, int from) {
    int found = text.indexOf(end, from);
    return found < 0 ? -1 : found + end.length();
  }

  private static boolean isWordPart(char c) {
    return Character.isLetterOrDigit(c) || c == '_';
  }
}
