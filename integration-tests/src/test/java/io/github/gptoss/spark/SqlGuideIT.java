package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.cli.sql.SqlStatements;
import io.github.gptoss.spark.internal.engine.Engines;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Runs the statements of README and guide as they stand, with the demo model. */
class SqlGuideIT {
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = Sessions.local();
  }

  @AfterAll
  static void stop() {
    spark.stop();
    Engines.close();
  }

  /** The statements of a document's first block of SQL. */
  private static List<String> statements(String document) throws IOException {
    String text = Files.readString(Sessions.ROOT.resolve(document));
    int begin = text.indexOf("```sql\n") + "```sql\n".length();
    return SqlStatements.of(spark, text.substring(begin, text.indexOf("```", begin)));
  }

  private static void assertAreTheAnswers(List<Row> answers) {
    assertThat(answers).hasSize(2);
    assertThat(answers.get(0).<String>getAs("response")).contains("19");
    assertThat(answers.get(1).<String>getAs("response")).contains("Paris");
    assertThat(answers).allSatisfy(row -> assertThat(row.<String>getAs("error_code")).isNull());
  }

  @Test
  void theReadmesStatementsRun() throws Exception {
    List<String> statements = statements("README.md");
    assertThat(statements).hasSize(2);
    spark.sql(statements.get(0));
    assertAreTheAnswers(spark.sql(statements.get(1)).collectAsList());
  }

  @Test
  void theGuidesStatementsRun() throws Exception {
    List<String> statements = statements("docs/sql.md");
    assertThat(statements).hasSize(5);
    spark.sql(statements.get(0));
    spark.sql(statements.get(1));
    assertAreTheAnswers(spark.sql(statements.get(2)).collectAsList());
    assertThat(spark.sql(statements.get(3)).head().getString(1)).contains("Paris");
    assertThat(spark.sql(statements.get(4)).collectAsList()).hasSize(2);
  }

  /** A row gets the same tokens from the function and from the Dataset's call. */
  @Test
  void theFunctionCompletesToTheReferenceTokens() {
    Sessions.demoPrompts(spark).where("id RLIKE '-00[12]$'").createOrReplaceTempView("demo");
    spark.conf().set("spark.gptoss.model", "demo");
    spark.conf().set("spark.gptoss.include_tokens", "true");
    try {
      List<Row> rows =
          spark
              .sql(
                  "SELECT id, g.prompt_tokens, prompt_tokens, g.completion_tokens,"
                      + " completion_tokens FROM (SELECT *, gptoss_chat(messages) AS g FROM demo)")
              .collectAsList();
      assertThat(rows).isNotEmpty();
      for (Row row : rows) {
        assertThat(row.<Integer>getList(1)).as(row.getString(0)).isEqualTo(row.getList(2));
        assertThat(row.<Integer>getList(3)).as(row.getString(0)).isEqualTo(row.getList(4));
      }
    } finally {
      spark.conf().unset("spark.gptoss.include_tokens");
    }
  }
}
