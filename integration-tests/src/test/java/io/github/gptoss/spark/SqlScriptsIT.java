package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptoss.cli.sql.SqlStatements;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SQL scripts are cut from the statements around them where Spark's parser ends them. */
class SqlScriptsIT {
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark =
        Sessions.builder("local[1]").config("spark.sql.scripting.enabled", "true").getOrCreate();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  /** Each of them gives {@code x}. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "BEGIN DECLARE r STRING; SET r = (SELECT 'x'); SELECT r; END",
        "begin select 'x'; end",
        "BEGIN NOT ATOMIC SELECT 'x'; END",
        "-- BEGIN; END;\nBEGIN /* END; */ SELECT 'x' -- END;\n; END",
        "BEGIN SELECT 'END; BEGIN'; SELECT \"END;\"; SELECT `END` FROM (SELECT 'x' AS `END`); END",
        "BEGIN BEGIN SELECT 'y'; END; part: BEGIN SELECT 'x'; END part; END",
        "BEGIN IF 1 = 1 THEN SELECT 'x'; ELSE SELECT 'y'; END IF; END",
        "BEGIN CASE WHEN 1 = 2 THEN SELECT 'y'; ELSE SELECT 'x'; END CASE; END",
        "BEGIN CASE 2 WHEN 1 THEN SELECT 'y'; ELSE SELECT CASE WHEN 1 = 1 THEN 'x' END; END CASE;"
            + " END",
        "BEGIN DECLARE i INT DEFAULT 0; WHILE i < 2 DO SET i = i + 1; SELECT 'x'; END WHILE; END",
        "BEGIN DECLARE i INT DEFAULT 0; REPEAT SET i = i + 1; SELECT 'x'; UNTIL i > 1 END REPEAT; END",
        "BEGIN l: LOOP SELECT 'x'; LEAVE l; END LOOP l; END",
        "BEGIN FOR row AS SELECT 'x' AS c DO SELECT row.c; END FOR; END",
        "BEGIN DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN SELECT 'x'; END; SELECT raise_error('y');"
            + " END",
        "BEGIN DECLARE begin STRING DEFAULT 'x'; SELECT begin AS end; END"
      })
  void aScriptIsOneStatement(String script) {
    List<String> statements =
        SqlStatements.of(spark, "SELECT 1;" + script + ";;\nSELECT CASE WHEN 1 = 1 THEN 2 END");
    assertThat(statements).containsExactly("SELECT 1", script, "SELECT CASE WHEN 1 = 1 THEN 2 END");
    List<Row> rows = spark.sql(statements.get(1)).collectAsList();
    assertThat(rows).singleElement().extracting(row -> row.getString(0)).isEqualTo("x");
  }

  @Test
  void whatTheParserRefusesIsRefusedWhole() {
    for (String wrong :
        List.of(
            "BEGIN SELEC 1; END; DROP TABLE t",
            "BEGIN IF true THEN DROP TABLE t; END; SELECT 1",
            "outer: BEGIN SELECT 1; END outer; SELECT 2",
            "BEGIN SELECT 1; SELECT 2")) {
      assertThat(SqlStatements.of(spark, wrong)).containsExactly(wrong);
      assertThatThrownBy(() -> spark.sql(wrong)).hasMessageContaining("PARSE_SYNTAX_ERROR");
    }
  }

  /** What is wrong with a whole script is its own error, and no reason to take more text. */
  @Test
  void aScriptWithWrongLabelsEndsWhereItEnds() {
    String script = "BEGIN a: BEGIN SELECT 1; END b; END";
    assertThat(SqlStatements.of(spark, script + "; SELECT 2")).containsExactly(script, "SELECT 2");
    assertThatThrownBy(() -> spark.sql(script)).hasMessageContaining("LABEL");
  }
}
