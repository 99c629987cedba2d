package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import org.junit.jupiter.api.Test;

class SqlStatementsTest {
  @Test
  void cutsAtSemicolons() {
    assertThat(SqlStatements.split("SELECT 1; SELECT 2 ;\n\n SELECT 3").all())
        .containsExactly("SELECT 1", "SELECT 2", "SELECT 3");
    assertThat(SqlStatements.split("SELECT 1; SELECT").rest()).isEqualTo("SELECT");
  }

  @Test
  void leavesStringsNamesAndCommentsWhole() {
    assertThat(SqlStatements.split("SELECT ';', \"a;b\", `c;d`; SELECT 'it\\';s'").all())
        .containsExactly("SELECT ';', \"a;b\", `c;d`", "SELECT 'it\\';s'");
    assertThat(SqlStatements.split("SELECT 1 -- one; two\n; SELECT /* ; /* ; */ ; */ 2").all())
        .containsExactly("SELECT 1 -- one; two", "SELECT /* ; /* ; */ ; */ 2");
    assertThat(SqlStatements.split("SELECT 'it''s; fine'").all())
        .containsExactly("SELECT 'it''s; fine'");
  }

  @Test
  void leavesOutStatementsOfNothingButComments() {
    assertThat(SqlStatements.split(" ; -- nothing\n; /* nothing */ ;").all()).isEmpty();
  }

  @Property
  void neverFailsAndCutsOnlyAtSemicolons(
      @ForAll @Chars({'a', ';', '\'', '"', '`', '\\', '-', '/', '*', '\n', ' '}) String script) {
    var split = SqlStatements.split(script);
    assertThat(split.all()).allSatisfy(statement -> assertThat(script).contains(statement));
    // The line breaks end a comment that a statement may end with.
    String joined = String.join("\n;\n", split.complete()) + "\n;";
    assertThat(SqlStatements.split(joined).complete()).isEqualTo(split.complete());
  }
}
