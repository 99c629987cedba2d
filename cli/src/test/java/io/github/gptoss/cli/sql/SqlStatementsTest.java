package io.github.gptoss.cli.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import org.junit.jupiter.api.Test;

/** How text is cut, apart from what Spark's parser says of scripts: SqlScriptsIT asks that. */
class SqlStatementsTest {
  /** Only texts that begin like scripts need a parser. */
  private static SqlStatements statements() {
    return new SqlStatements(
        text -> {
          throw new AssertionError("asked about: " + text);
        });
  }

  private static List<String> split(String text) {
    return statements().all(text);
  }

  @Test
  void cutsAtSemicolons() {
    assertThat(split("SELECT 1; SELECT 2 ;\n\n SELECT 3"))
        .containsExactly("SELECT 1", "SELECT 2", "SELECT 3");
    SqlStatements statements = statements();
    assertThat(statements.add("SELECT 1; SELECT")).containsExactly("SELECT 1");
    assertThat(statements.rest()).isEqualTo("SELECT");
  }

  @Test
  void leavesStringsNamesAndCommentsWhole() {
    assertThat(split("SELECT ';', \"a;b\", `c;d`; SELECT 'it\\';s'"))
        .containsExactly("SELECT ';', \"a;b\", `c;d`", "SELECT 'it\\';s'");
    assertThat(split("SELECT 1 -- one; two\n; SELECT /* ; /* ; */ ; */ 2"))
        .containsExactly("SELECT 1 -- one; two", "SELECT /* ; /* ; */ ; */ 2");
    assertThat(split("SELECT 'it''s; fine'")).containsExactly("SELECT 'it''s; fine'");
    assertThat(split("SELECT 1 -- goes \\\n on; here\n; SELECT 2"))
        .containsExactly("SELECT 1 -- goes \\\n on; here", "SELECT 2");
  }

  @Test
  void readsRawAndDollarQuotedStrings() {
    assertThat(split("SELECT r'\\'; SELECT R\"\\\", 2; SELECT 3"))
        .containsExactly("SELECT r'\\'", "SELECT R\"\\\", 2", "SELECT 3");
    assertThat(split("CREATE x AS $$a; 'b$$; SELECT $y$ $$; $y$; SELECT '${z};'"))
        .containsExactly("CREATE x AS $$a; 'b$$", "SELECT $y$ $$; $y$", "SELECT '${z};'");
  }

  @Test
  void leavesOutStatementsOfNothingButComments() {
    assertThat(split(" ; -- nothing\n; /* nothing */ ;")).isEmpty();
  }

  @Test
  void asksOnlyWhereAScriptMayEnd() {
    List<String> asked = new ArrayList<>();
    SqlStatements statements =
        new SqlStatements(
            text -> {
              asked.add(text);
              return asked.size() == 3;
            });
    String script =
        "-- first\nBegin\n SELECT 'END'; IF a THEN SELECT 1; END IF; SELECT `END`; BEGIN END; END";
    assertThat(statements.all(script + " ; SELECT CASE WHEN b THEN 1 END; SELECT 2"))
        .containsExactly(script, "SELECT CASE WHEN b THEN 1 END", "SELECT 2");
    assertThat(asked).hasSize(3).last().isEqualTo(script);
  }

  @Test
  void keepsAWrongScriptTillTheEnd() {
    SqlStatements statements = new SqlStatements(text -> false);
    assertThat(statements.add("a: BEGIN SELEC 1; END; SELECT 2; SELECT 3;\n")).isEmpty();
    assertThat(statements.isInScript()).isTrue();
    assertThat(statements.rest()).isEqualTo("a: BEGIN SELEC 1; END; SELECT 2; SELECT 3;");
    statements.clear();
    assertThat(statements.add("SELECT 4;")).containsExactly("SELECT 4");
  }

  @Property
  void neverFailsAndCutsOnlyAtSemicolons(
      @ForAll @Chars({'a', 'r', ';', '\'', '"', '`', '\\', '$', '-', '/', '*', '\n', ' '})
          String script) {
    List<String> complete = statements().add(script);
    assertThat(split(script)).allSatisfy(statement -> assertThat(script).contains(statement));
    // The line breaks end a comment that a statement may end with; after a backslash, a line break
    // alone would not.
    String joined = String.join(" \n;\n", complete) + " \n;";
    assertThat(statements().add(joined)).isEqualTo(complete);
  }

  /** Text that comes line by line is cut as the whole is. */
  @Property
  void linesGiveWhatTheWholeGives(
      @ForAll @Chars({'a', ';', '\'', '`', '\\', '$', '-', '/', '*', '\n', ' '}) String script) {
    SqlStatements byLine = statements();
    List<String> complete = new ArrayList<>();
    for (String line : script.split("\n", -1)) {
      complete.addAll(byLine.add(line + "\n"));
    }
    SqlStatements whole = statements();
    assertThat(whole.add(script + "\n")).isEqualTo(complete);
    assertThat(byLine.rest()).isEqualTo(whole.rest());
  }
}
