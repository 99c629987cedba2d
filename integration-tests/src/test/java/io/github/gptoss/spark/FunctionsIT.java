package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.spark.internal.engine.CountingEngine;
import io.github.gptoss.spark.internal.engine.Engines;
import io.github.gptoss.spark.internal.sql.Rowwise;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.SparkRuntimeException;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.streaming.Trigger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How many rows are generated, wherever in a query a call is. The table {@code t} has 100 rows: id
 * from 0, prompt p0, p1, ..., k = id % 5.
 */
class FunctionsIT {
  private static final CountingEngine ENGINE = new CountingEngine();

  /** Delta looks for the files that have rows of a condition, then writes those files anew. */
  private static final int TWICE_TEN = 20;

  private static SparkSession spark;
  private static AutoCloseable counting;

  @BeforeAll
  static void start() {
    spark = Sessions.local();
    spark.conf().set("spark.gptoss.model", "demo");
    counting = Engines.count(ENGINE);
    spark.sql(
        "CREATE OR REPLACE TABLE t USING delta AS"
            + " SELECT id, concat('p', id) AS prompt, id % 5 AS k FROM range(0, 100, 1, 2)");
  }

  @AfterAll
  static void stop() throws Exception {
    for (String table : List.of("t", "o", "m", "d")) {
      spark.sql("DROP TABLE IF EXISTS " + table);
    }
    spark.stop();
    counting.close();
  }

  @BeforeEach
  void reset() {
    ENGINE.reset();
    Rowwise.forget();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a field                | SELECT id, gptoss_generate(prompt).response FROM t | 100 | 100
          several fields         | SELECT gptoss_generate(prompt).response, gptoss_generate(prompt).usage.input_tokens FROM t | 100 | 100
          all fields             | SELECT g.* FROM (SELECT gptoss_generate(prompt) AS g FROM t) | 100 | 100
          text                   | SELECT gptoss_text(prompt) FROM t | 100 | 100
          text beside its struct | SELECT gptoss_text(prompt), gptoss_text(prompt) IS NULL FROM t | 100 | 100
          chat                   | SELECT gptoss_chat(array(named_struct('role', 'user', 'content', prompt))).response FROM t | 100 | 100
          chat, other case       | SELECT gptoss_chat(array(named_struct('Role', 'user', 'CONTENT', prompt))).response FROM t | 100 | 100
          chat in JSON           | SELECT gptoss_chat(to_json(array(named_struct('role', 'user', 'content', prompt)))).response FROM t | 100 | 100
          cheap predicate first  | SELECT id FROM t WHERE gptoss_text(prompt) LIKE '%8' AND k = 3 | 10 | 20
          predicate and field    | SELECT gptoss_text(prompt) FROM t WHERE gptoss_text(prompt) LIKE '%8' AND k = 3 | 10 | 20
          filter above subquery  | SELECT * FROM (SELECT id, k, gptoss_text(prompt) AS f FROM t) WHERE k = 2 AND f LIKE 'ans%' | 20 | 20
          CASE                   | SELECT CASE WHEN k = 1 THEN gptoss_text(prompt) WHEN k = 2 THEN 'x' END FROM t | 100 | 20
          IF and COALESCE        | SELECT if(k = 0, gptoss_text(prompt), 'n'), coalesce(if(k > 1, 'z', NULL), gptoss_text(prompt)) FROM t | 100 | 40
          nested                 | SELECT gptoss_text(gptoss_text(prompt)) FROM t | 100 | 200
          two calls              | SELECT gptoss_text(prompt), gptoss_text(concat(prompt, '!')) FROM t | 100 | 200
          two seeds              | SELECT gptoss_text(prompt, temperature => 1, seed => 1), gptoss_text(prompt, temperature => 1, seed => 2) FROM t | 100 | 200
          over an aggregate      | SELECT k, gptoss_text(concat_ws(' ', collect_list(prompt))) FROM t GROUP BY k | 5 | 5
          over a group           | SELECT concat('p', k), gptoss_text(concat('p', k)), count(*) FROM t GROUP BY concat('p', k) | 5 | 5
          in an aggregate        | SELECT k, sum(gptoss_generate(prompt).usage.output_tokens) FROM t GROUP BY k | 5 | 100
          ROLLUP                 | SELECT k, max(gptoss_text(prompt)) FROM t WHERE id < 20 GROUP BY ROLLUP (k) | 6 | 20
          guarded aggregate      | SELECT CASE WHEN count(*) > 1 THEN max(gptoss_text(prompt)) END FROM t WHERE id < 10 | 1 | 10
          group by a call        | SELECT gptoss_generate(prompt).finish_reason, count(*) FROM t GROUP BY gptoss_generate(prompt).finish_reason | 1 | 100
          HAVING                 | SELECT k FROM t GROUP BY k HAVING gptoss_text(concat('g', k)) LIKE '%3' | 1 | 5
          order by               | SELECT id FROM t WHERE id < 9 ORDER BY gptoss_text(prompt) DESC | 9 | 9
          order by and limit     | SELECT id FROM t ORDER BY gptoss_text(prompt) DESC LIMIT 3 | 3 | 100
          lateral subquery       | SELECT id, f FROM t, LATERAL (SELECT gptoss_text(t.prompt) AS f) WHERE id < 4 | 4 | 4
          correlated subquery    | SELECT id, (SELECT max(gptoss_text(b.prompt)) FROM t b WHERE b.id = a.id) FROM t a WHERE id < 5 | 5 | 5
          NULL argument          | SELECT gptoss_text(prompt, max_tokens => NULL) FROM t LIMIT 1 | 1 | 1
          limit                  | SELECT id, gptoss_text(prompt) FROM t LIMIT 3 | 3 | 3
          limit of several calls | SELECT gptoss_text(prompt), gptoss_text(concat(prompt, '!')) FROM t LIMIT 3 | 3 | 6
          limit and offset       | SELECT gptoss_text(prompt) FROM t LIMIT 3 OFFSET 2 | 3 | 5
          top-N                  | SELECT id, gptoss_text(prompt) FROM t ORDER BY id DESC LIMIT 3 | 3 | 3
          count                  | SELECT count(*) FROM (SELECT gptoss_text(prompt) FROM t) | 1 | 0
          unused                 | SELECT id FROM (SELECT id, gptoss_text(prompt) AS f FROM t) | 100 | 0
          over a join            | SELECT gptoss_text(concat(a.prompt, b.prompt)) FROM t a JOIN t b ON a.id = b.id WHERE a.id < 10 | 10 | 10
          IN subquery            | SELECT id FROM t WHERE concat('ans:', prompt) IN (SELECT gptoss_text(prompt) FROM t WHERE id < 4) | 4 | 4
          EXISTS subquery        | SELECT id FROM t a WHERE EXISTS (SELECT 1 FROM t b WHERE b.id = a.id AND b.id < 10 AND gptoss_text(b.prompt) LIKE '%7') | 1 | 10
          scalar subquery        | SELECT (SELECT max(gptoss_text(prompt)) FROM t WHERE id < 4) | 1 | 4
          subquery as prompt     | SELECT gptoss_text((SELECT max(prompt) FROM t)) FROM range(1) | 1 | 1
          literal                | SELECT gptoss_text('hello') | 1 | 1
          null prompt            | SELECT gptoss_generate(NULL).error_code | 1 | 0
          window over a call     | SELECT id, row_number() OVER (PARTITION BY k ORDER BY gptoss_text(prompt)) FROM t WHERE id < 20 | 20 | 20
          aggregate over windows | SELECT id, max(gptoss_text(prompt)) OVER (PARTITION BY k) FROM t WHERE id < 20 | 20 | 20
          call over a window     | SELECT gptoss_text(concat(prompt, row_number() OVER (PARTITION BY k ORDER BY id))) FROM t WHERE id < 20 | 20 | 20
          union                  | SELECT gptoss_text(prompt) FROM t WHERE id < 5 UNION ALL SELECT gptoss_text(prompt) FROM t WHERE id > 95 | 9 | 9
          distinct               | SELECT DISTINCT gptoss_generate(prompt).finish_reason FROM t | 1 | 100
          generator over a call  | SELECT id, w FROM t LATERAL VIEW explode(split(gptoss_text(prompt), ':')) x AS w WHERE id < 3 | 6 | 3
          common table           | WITH g AS (SELECT id, gptoss_text(prompt) AS f FROM t WHERE id < 10) SELECT * FROM g WHERE id < 5 | 5 | 5
          VALUES                 | SELECT gptoss_text(p) FROM VALUES ('a'), ('b') AS v(p) | 2 | 2
          """)
  void generates(String name, String sql, int rows, int generated) {
    List<Row> result = spark.sql(sql).collectAsList();
    assertThat(result).hasSize(rows);
    assertThat(ENGINE.asked()).hasSize(generated);
    assertThat(Rowwise.reasons()).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          CTAS              | CREATE OR REPLACE TABLE o USING delta AS SELECT id, gptoss_text(prompt) AS f FROM t | 100
          CTAS of a LIMIT   | CREATE OR REPLACE TABLE o USING delta AS SELECT id, gptoss_text(prompt) AS f FROM t LIMIT 3 | 3
          LIMIT of a call   | CREATE OR REPLACE TABLE o USING delta AS SELECT id, gptoss_text(gptoss_text(prompt)) AS f FROM t LIMIT 3 | 6
          LIMIT in a table  | CREATE OR REPLACE TABLE o USING delta AS SELECT k, count(f) AS f FROM (SELECT k, gptoss_text(prompt) AS f FROM t LIMIT 7) GROUP BY k | 7
          CTAS again        | CREATE OR REPLACE TABLE o USING delta AS SELECT id, gptoss_text(prompt) AS f FROM t | 100
          INSERT            | INSERT INTO o SELECT id + 500, gptoss_text(prompt) FROM t WHERE id < 50 | 50
          INSERT OVERWRITE  | INSERT OVERWRITE o SELECT id, gptoss_text(prompt) FROM t | 100
          MERGE of a source | MERGE INTO o USING (SELECT id, gptoss_text(prompt) AS f FROM t WHERE id < 20) s ON o.id = s.id WHEN MATCHED THEN UPDATE SET f = s.f WHEN NOT MATCHED THEN INSERT (id, f) VALUES (s.id, s.f) | 20
          UPDATE            | UPDATE o SET f = gptoss_text(f) WHERE id < 5 | 5
          CACHE             | CACHE TABLE cached AS SELECT id, gptoss_text(prompt) AS f FROM t WHERE id < 40 | 40
          cached            | SELECT f FROM cached WHERE id < 10 | 0
          """)
  void commandsGenerate(String name, String sql, int generated) {
    spark.sql(sql).collectAsList();
    assertThat(ENGINE.asked()).hasSize(generated);
    assertThat(Rowwise.reasons()).isEmpty();
  }

  @Test
  void mergeCompletesInItsActions() {
    spark.sql("CREATE OR REPLACE TABLE m USING delta AS SELECT id, prompt AS f FROM t");
    ENGINE.reset();
    spark.sql(
        "MERGE INTO m USING t ON m.id = t.id"
            + " WHEN MATCHED AND t.id < 10 THEN UPDATE SET f = gptoss_text(t.prompt)");
    assertThat(ENGINE.asked()).hasSize(10);
    assertThat(spark.sql("SELECT f FROM m WHERE f LIKE 'ans:%'").count()).isEqualTo(10);
  }

  @Test
  void deleteOnDeltaCompletesRowByRowAndSaysSo() {
    spark.sql("CREATE OR REPLACE TABLE d USING delta AS SELECT id, prompt FROM t WHERE id < 10");
    ENGINE.reset();
    spark.sql("DELETE FROM d WHERE gptoss_text(prompt) LIKE '%7'");
    assertThat(spark.table("d").count()).isEqualTo(9);
    assertThat(ENGINE.asked()).hasSize(TWICE_TEN);
    assertThat(Rowwise.reasons()).singleElement().asString().contains("input_file_name");
  }

  @Test
  void updateByAnAnswerOnDeltaCompletesRowByRowAndSaysSo() {
    spark.sql("CREATE OR REPLACE TABLE d USING delta AS SELECT id, prompt FROM t WHERE id < 10");
    ENGINE.reset();
    spark.sql("UPDATE d SET prompt = 'seen' WHERE gptoss_text(prompt) LIKE '%7'");
    assertThat(spark.sql("SELECT id FROM d WHERE prompt = 'seen'").collectAsList())
        .containsExactly(RowFactory.create(7L));
    assertThat(ENGINE.asked()).hasSize(TWICE_TEN);
    assertThat(Rowwise.reasons()).singleElement().asString().contains("input_file_name");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void plansThatChangeAtRunTimeGenerateOnce(boolean adaptive) {
    spark.conf().set("spark.sql.adaptive.enabled", adaptive);
    spark.conf().set("spark.sql.autoBroadcastJoinThreshold", "-1");
    spark.conf().set("spark.sql.adaptive.autoBroadcastJoinThreshold", "10m");
    try {
      Dataset<Row> query =
          spark.sql(
              "SELECT a.k, count(*), max(a.f) FROM (SELECT id, k, gptoss_text(prompt) AS f FROM t) a"
                  + " JOIN t b ON a.id = b.id WHERE b.k < 3 GROUP BY a.k");
      assertThat(query.collectAsList()).hasSize(3);
      assertThat(ENGINE.asked()).hasSize(100);
      assertThat(Plans.hasOperator(query, "BroadcastHashJoin")).isEqualTo(adaptive);
      assertThat(Rowwise.reasons()).isEmpty();
    } finally {
      spark.conf().unset("spark.sql.adaptive.enabled");
      spark.conf().unset("spark.sql.autoBroadcastJoinThreshold");
      spark.conf().unset("spark.sql.adaptive.autoBroadcastJoinThreshold");
    }
  }

  @Test
  void cachedDatasetsGenerateOnce() {
    Dataset<Row> cached = spark.sql("SELECT id, gptoss_text(prompt) AS f FROM t").cache();
    try {
      assertThat(cached.count()).isEqualTo(100);
      assertThat(cached.where("f LIKE '%7'").collectAsList()).hasSize(10);
      assertThat(ENGINE.asked()).hasSize(100);
      assertThat(Rowwise.reasons()).isEmpty();
    } finally {
      cached.unpersist(true);
    }
  }

  @Test
  void joinConditionsCompleteRowByRowAndSaySo() {
    List<Row> rows =
        spark
            .sql(
                "SELECT a.id FROM t a JOIN t b"
                    + " ON a.id = b.id AND gptoss_text(concat(a.prompt, b.prompt)) = 'ans:p3p3'"
                    + " WHERE a.id < 5")
            .collectAsList();
    assertThat(rows).containsExactly(RowFactory.create(3L));
    assertThat(Rowwise.reasons()).singleElement().asString().contains("join");
  }

  @Test
  void lambdasCompleteRowByRowAndSaySo() {
    Row row =
        spark
            .sql("SELECT transform(array('a', 'b'), x -> gptoss_text(x)) FROM t WHERE id = 1")
            .head();
    assertThat(row.<String>getList(0)).containsExactly("ans:a", "ans:b");
    assertThat(Rowwise.reasons()).singleElement().asString().contains("lambda");
  }

  @Test
  void viewsAndSqlFunctionsGenerateWhatIsRead() {
    spark.sql("CREATE OR REPLACE TEMP VIEW tv AS SELECT id, gptoss_text(prompt) AS f FROM t");
    assertThat(spark.sql("SELECT * FROM tv WHERE id < 7").collectAsList()).hasSize(7);
    assertThat(ENGINE.asked()).hasSize(7);

    ENGINE.reset();
    spark.sql(
        "CREATE OR REPLACE TEMPORARY FUNCTION summary(x STRING) RETURNS STRING"
            + " RETURN gptoss_text(concat('Summarise: ', x), max_tokens => 20)");
    assertThat(spark.sql("SELECT summary(prompt) FROM t WHERE id < 6").collectAsList()).hasSize(6);
    assertThat(ENGINE.asked()).hasSize(6);
    assertThat(ENGINE.asked().get(0).request().maxTokens()).isEqualTo(20);
    assertThat(Rowwise.reasons()).isEmpty();
  }

  @Test
  void persistentViewsCallTheCatalogsFunctions() {
    spark.sql(
        "CREATE OR REPLACE VIEW pv AS SELECT id,"
            + " gptoss.generate(prompt, named_struct('max_tokens', 7, 'stop', array('a'))).response"
            + " AS f FROM t");
    assertThat(spark.sql("SELECT f FROM pv WHERE id < 7").collectAsList()).hasSize(7);
    assertThat(ENGINE.asked()).hasSize(7);
    assertThat(ENGINE.asked().get(0).request().maxTokens()).isEqualTo(7);
    assertThat(ENGINE.asked().get(0).request().stop()).containsExactly("a");
    assertThat(Rowwise.reasons()).isEmpty();
    spark.sql("DROP VIEW pv");
  }

  /** Spark's JSON reader makes strings of a field that is a string here and a list there. */
  @Test
  void aContentThatIsAStringOrAListOfPartsIsReadAsEither(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("chats.jsonl");
    Files.writeString(
        file,
        """
        {"id":1,"messages":[{"role":"user","content":"How much is 2 + 3?"}]}
        {"id":2,"messages":[{"role":"user","content":[{"type":"text","text":"How much is 4 + 4?"}]}]}
        {"id":3,"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"u"}}]}]}
        {"id":4,"messages":null}
        """);
    Dataset<Row> chats = spark.read().json(file.toString());
    Dataset<Row> functions = chats.selectExpr("id", "gptoss_chat(messages) AS g");
    Dataset<Row> complete =
        GptOss.complete(chats, GptOssOptions.create().messagesCol("messages").outputCol("g"));
    for (Dataset<Row> completed : List.of(functions, complete)) {
      assertThat(
              completed
                  .orderBy("id")
                  .selectExpr("coalesce(g.response, g.error_code)")
                  .collectAsList())
          .extracting(row -> row.getString(0))
          .containsExactly(
              "ans:How much is 2 + 3?",
              "ans:How much is 4 + 4?",
              "invalid_conversation",
              "null_prompt");
    }
  }

  @Test
  void parametersMayDifferFromRowToRow() {
    List<Row> rows =
        spark
            .sql(
                "SELECT id, gptoss_generate(prompt, max_tokens => id + 10, temperature => 0.5,"
                    + " developerPrompt => concat('d', id), seed => id,"
                    + " stop => array('x', concat('y', id)),"
                    + " reasoning_effort => if(id = 2, 'extreme', 'low')) AS g"
                    + " FROM t WHERE id < 3 ORDER BY id")
            .collectAsList();
    assertThat(ENGINE.asked()).hasSize(2);
    for (CountingEngine.Asked asked : ENGINE.asked()) {
      int id = Integer.parseInt(asked.question().substring(1));
      assertThat(asked.request().maxTokens()).isEqualTo(id + 10);
      assertThat(asked.request().sampling().temperature()).isEqualTo(0.5);
      assertThat(asked.request().sampling().seed()).isEqualTo(id);
      assertThat(asked.request().stop()).containsExactly("x", "y" + id);
      assertThat(asked.messages().toString()).contains("d" + id).contains("Reasoning: low");
    }
    assertThat(rows.get(2).getStruct(1).<String>getAs("error_code")).isEqualTo("invalid_parameter");
    assertThat(rows.get(2).getStruct(1).<String>getAs("error_message")).contains("extreme");
    assertThat(rows.get(1).getStruct(1).<String>getAs("response")).isEqualTo("ans:p1");
  }

  /** Delta's parser hands Spark's parameters on only where Spark takes constants for them. */
  private static SparkSession takingParameters() {
    SparkSession session = spark.newSession();
    session.conf().set("spark.gptoss.model", "demo");
    session.conf().set("spark.sql.legacy.parameterSubstitution.constantsOnly", "true");
    return session;
  }

  @Test
  void argumentsMayBeParametersOfTheQuery() {
    SparkSession session = takingParameters();
    String catalog = "gptoss.generate(:p, named_struct('max_tokens', :n, 'stop', :s)).response";
    Object stop = functions.array(functions.lit("x"), functions.lit("y"));
    for (String call :
        List.of("gptoss_generate(:p, max_tokens => :n, stop => :s).response", catalog)) {
      ENGINE.reset();
      List<Row> named =
          session
              .sql(
                  "SELECT id, " + call + " FROM t WHERE id < :rows",
                  Map.of("p", "asked", "n", 7, "s", stop, "rows", 3))
              .collectAsList();
      assertThat(named).hasSize(3).allMatch(row -> row.getString(1).equals("ans:asked"));
      assertThat(ENGINE.asked())
          .isNotEmpty()
          .allSatisfy(
              asked -> {
                assertThat(asked.request().maxTokens()).isEqualTo(7);
                assertThat(asked.request().stop()).containsExactly("x", "y");
              });
      assertThat(Rowwise.reasons()).isEmpty();
    }

    ENGINE.reset();
    List<Row> positional =
        session
            .sql(
                "SELECT gptoss_text(concat(prompt, ?), reasoning_effort => ?, seed => id + ?)"
                    + " FROM t WHERE k = ? AND id < 20 ORDER BY id",
                new Object[] {"!", "high", 40L, 2})
            .collectAsList();
    assertThat(positional)
        .extracting(row -> row.getString(0))
        .containsExactly("ans:p2!", "ans:p7!", "ans:p12!", "ans:p17!");
    assertThat(ENGINE.asked())
        .extracting(asked -> asked.effort() + " " + asked.request().sampling().seed())
        .containsExactlyInAnyOrder("high 42", "high 47", "high 52", "high 57");

    ENGINE.reset();
    Row nulls =
        session
            .sql(
                "SELECT gptoss_text(:p, max_tokens => :n), gptoss_generate(:q).error_code",
                Map.of("p", "a", "n", functions.lit(null), "q", functions.lit(null)))
            .first();
    assertThat(nulls.getString(0)).isEqualTo("ans:a");
    assertThat(nulls.getString(1)).isEqualTo("null_prompt");
  }

  @Test
  void aWrongParameterOfTheQueryIsToldLikeALiteral() {
    SparkSession session = takingParameters();
    assertParameterRefused(session, "max_tokens", 0, "max_tokens is 0: it must be at least 1");
    assertParameterRefused(session, "temperature", "hot", "temperature is 'hot': it must be");
    assertParameterRefused(session, "model", "/no/such", "no such folder");
  }

  private static void assertParameterRefused(
      SparkSession session, String argument, Object value, String message) {
    String query = "SELECT gptoss_generate(prompt, " + argument + " => :x) FROM t";
    assertThatExceptionOfType(AnalysisException.class)
        .isThrownBy(() -> session.sql(query, Map.of("x", value)))
        .withMessageContaining(message)
        .withMessageContaining("line 1 pos 7");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          gptoss_generate(prompt, max_tokns => 1)               | did you mean 'max_tokens'?
          gptoss_generate(prompt, threads => 1)                 | spark.gptoss.threads
          gptoss_generate(prompt, max_tokens => 0)              | max_tokens is 0: it must be at least 1
          gptoss_generate(prompt, max_tokens => -1 + 1)         | max_tokens is 0: it must be at least 1
          gptoss_generate(prompt, temperature => 'hot')         | temperature is 'hot': it must be a number
          gptoss_generate(prompt, reasoning_effort => 'hi')     | it must be low, medium, high or none
          gptoss_generate(prompt, tools => '{')                 | tools
          gptoss_generate(prompt, model => prompt)              | argument model differs from row to row
          gptoss_generate(prompt, fail_on_error => id > 3)      | argument fail_on_error differs from row to row
          gptoss_generate(prompt, model => '/no/such')          | no such folder
          gptoss_generate(prompt, 200)                          | argument 2 has no name
          gptoss_generate(prompt, seed => 1, SEED => 2)         | seed is given twice
          gptoss_generate(prompt, maxTokens => array(1))        | array<int>, expected a number
          gptoss_generate()                                     | needs its prompt first
          gptoss_generate(encode(prompt, 'utf-8'))              | is binary, expected string: decode(prompt, 'utf-8') reads bytes as text
          gptoss_text(array(prompt))                            | is array<string>, expected string: to_json(prompt) gives its text
          gptoss_text(named_struct('p', prompt))                | is struct<p:string>, expected string: to_json(prompt) gives its text
          gptoss_text(map(prompt, 1))                           | is map<string,int>, expected string: to_json(prompt) gives its text
          gptoss_generate(prompt, logit_bias => map(1, 2))      | is map<int,int>, expected string (JSON)
          gptoss_generate(prompt, temperature_col => 'k')       | no argument 'temperature_col'
          gptoss_chat(array(prompt))                            | array<string>, expected string (message JSON) or array<struct
          """)
  void wrongCallsFailAtAnalysis(String call, String message) {
    assertThatExceptionOfType(AnalysisException.class)
        .isThrownBy(() -> spark.sql("SELECT " + call + " FROM t"))
        .withMessageContaining(message)
        .satisfies(
            e -> {
              assertThat(e.getCondition()).startsWith("GPTOSS_INVALID_");
              assertThat(e.getSqlState()).matches("[0-9A-Z]{5}");
              assertThat(e.getMessage()).startsWith("[" + e.getCondition() + "] ");
              assertThat(e.getMessage())
                  .endsWith(" SQLSTATE: " + e.getSqlState() + "; line 1 pos 7");
            });
  }

  @Test
  void aFaultSaysItsConditionAndItsPlaceInTheQuery() {
    assertThatExceptionOfType(AnalysisException.class)
        .isThrownBy(
            () -> spark.sql("SELECT id,\n  gptoss_generate(prompt, max_tokns => 1)\nFROM t"))
        .withMessage(
            "[GPTOSS_INVALID_ARGUMENT] gptoss_generate has no argument 'max_tokns': did you mean"
                + " 'max_tokens'? SQLSTATE: 22023; line 2 pos 2");
    Map<String, String> conditions =
        Map.of(
            "gptoss_generate(prompt, top_p => 2)", "GPTOSS_INVALID_OPTION",
            "gptoss_generate(prompt, model => '/no/such')", "GPTOSS_INVALID_MODEL");
    conditions.forEach(
        (call, condition) ->
            assertThatExceptionOfType(AnalysisException.class)
                .isThrownBy(() -> spark.sql("SELECT " + call + " FROM t"))
                .satisfies(e -> assertThat(e.getCondition()).isEqualTo(condition)));
  }

  /** Spark's upper is the judge of which types are cast, and concat of what they are cast to. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "5",
        "5Y",
        "5L",
        "1.50BD",
        "0.1D",
        "CAST(1e10 AS FLOAT)",
        "true",
        "DATE'2026-01-31'",
        "TIMESTAMP'2026-01-31 12:00:00.5'",
        "TIMESTAMP_NTZ'2026-01-31 12:00:00'",
        "INTERVAL '1' DAY",
        "INTERVAL '1-2' YEAR TO MONTH",
        "parse_json('[1, 2]')",
        "CAST(NULL AS INT)",
        "CAST('c' AS CHAR(3))"
      })
  void castsPromptsThatSparksStringFunctionsCast(String value) {
    String cast = spark.sql("SELECT upper(%1$s), %1$s || ''".formatted(value)).first().getString(1);
    String fields = "SELECT a.* FROM (SELECT %s(" + value + ") AS a)";
    Row answer = spark.sql(fields.formatted("gptoss_generate")).first();
    Row ofCatalog = spark.sql(fields.formatted("gptoss.generate")).first();
    Row ofTable =
        GptOss.complete(spark.sql("SELECT " + value + " AS prompt"), GptOssOptions.create())
            .selectExpr("completion.*")
            .first();
    assertThat(answer.<String>getAs("response")).isEqualTo(cast == null ? null : "ans:" + cast);
    assertThat(ofCatalog).isEqualTo(answer);
    assertThat(ofTable).isEqualTo(answer);
  }

  @Test
  void namesOfMessageFieldsMatchInAnyCase() {
    String messages = "array(named_struct('Role', 'user', 'CONTENT', prompt))";
    Row answer = spark.sql("SELECT gptoss_chat(" + messages + ").response FROM t LIMIT 1").first();
    assertThat(answer.getString(0)).startsWith("ans:p");
    Dataset<Row> table = spark.table("t").where("id = 3").selectExpr(messages + " AS m");
    Row ofTable =
        GptOss.complete(table, GptOssOptions.create().messagesCol("M"))
            .selectExpr("completion.response")
            .first();
    assertThat(ofTable.getString(0)).isEqualTo("ans:p3");
  }

  @Test
  void failOnErrorFailsTheQueryWithoutTheText() {
    String call = "gptoss_text(prompt, max_tokens => id - 3, fail_on_error => true)";
    for (String query :
        List.of(
            "SELECT " + call + " FROM t", "SELECT transform(array(1), x -> " + call + ") FROM t")) {
      assertThatExceptionOfType(SparkRuntimeException.class)
          .isThrownBy(() -> spark.sql(query).collectAsList())
          .satisfies(
              e -> {
                assertThat(e.getCondition()).isEqualTo("GPTOSS_ROW_FAILED");
                assertThat(e.getSqlState()).isEqualTo("22000");
                assertThat(e.getMessage())
                    .startsWith("[GPTOSS_ROW_FAILED] ")
                    .contains("fail_on_error")
                    .endsWith("; line 1 pos " + query.indexOf("gptoss"))
                    .doesNotContain("\n");
              });
    }
    assertThat(
            spark
                .sql("SELECT gptoss_text(prompt, max_tokens => id - 3) FROM t WHERE id < 5")
                .where("`gptoss_text(prompt, max_tokens => (id - 3)).response` IS NULL")
                .count())
        .isEqualTo(4);
  }

  /** Small ones inside a query are counted over all partitions first; no others. */
  @Test
  void limitsAreCountedBelowWhereThatIsWorthIt() {
    String inside =
        "SELECT k, count(f) FROM (SELECT k, gptoss_text(prompt) AS f FROM t LIMIT %d) GROUP BY k";
    assertThat(globalLimits(inside.formatted(7))).isEqualTo(2);
    assertThat(globalLimits(inside.formatted(2000))).isEqualTo(1);
    assertThat(globalLimits("SELECT id, gptoss_text(prompt) FROM t LIMIT 7")).isZero();
  }

  private static long globalLimits(String sql) {
    String plan = spark.sql(sql).queryExecution().sparkPlan().toString();
    assertThat(plan).contains("BatchGenerate");
    return plan.lines().filter(line -> line.contains("GlobalLimit")).count();
  }

  @Test
  void callsThatNoRuleHasSeenSaySo() {
    Expression column =
        (Expression)
            spark.sql("SELECT gptoss_text('a')").queryExecution().analyzed().expressions().head();
    assertThat(column.children().apply(0).eval(null)).hasToString("ans:a");
    assertThat(Rowwise.reasons()).singleElement().asString().contains("spark.sql.extensions");
  }

  @Test
  void plansShowNoTextOfConstantMessages() {
    String plan =
        spark
            .sql(
                "EXPLAIN EXTENDED SELECT gptoss_chat(array(named_struct('role', 'system', 'content',"
                    + " 'TOP SECRET'), named_struct('role', 'user', 'content', prompt))) FROM t")
            .head()
            .getString(0);
    String optimized = plan.substring(plan.indexOf("== Optimized Logical Plan =="));
    assertThat(optimized).contains("BatchGenerate").doesNotContain("SECRET");
  }

  @Test
  void plansShowNamesAndLengthsButNoText() {
    String plan =
        spark
            .sql(
                "EXPLAIN SELECT gptoss_generate(concat('TOP SECRET ', prompt), developer_prompt =>"
                    + " 'TOP SECRET', max_tokens => 9, temperature => 0.5) AS g FROM t")
            .head()
            .getString(0);
    String node = plan.lines().filter(l -> l.contains("BatchGenerate")).findFirst().orElseThrow();
    assertThat(node)
        .contains("string[11]", "developer_prompt => string[10]", "max_tokens => 9")
        .doesNotContain("SECRET");
  }

  @Test
  void metricsOfTheOperatorCountWhatItDid() {
    Dataset<Row> query =
        spark.sql(
            "SELECT if(k = 1, gptoss_generate(if(id = 1, NULL, prompt)), NULL) AS g FROM t"
                + " WHERE id < 10");
    query.collectAsList();
    Map<String, Long> figures = Plans.metrics(query, "BatchGenerate");
    assertThat(figures)
        .containsEntry("rows", 2L)
        .containsEntry("errors", 1L)
        .containsEntry("skipped", 8L)
        .containsEntry("outputTokens", 1L);
    assertThat(figures.get("inputTokens")).isPositive();
  }

  @Test
  void expressionsOfDatasetsAreBatched() {
    Dataset<Row> table = spark.table("t").where("id < 9");
    assertThat(
            table
                .withColumn("g", functions.expr("gptoss_generate(prompt, max_tokens => 5)"))
                .where("g.response LIKE '%1'")
                .select("id", "g.response")
                .collectAsList())
        .hasSize(1);
    assertThat(ENGINE.asked()).hasSize(9);

    ENGINE.reset();
    assertThat(
            table
                .select(functions.call_function("gptoss_text", functions.col("prompt")))
                .collectAsList())
        .hasSize(9);
    assertThat(ENGINE.asked()).hasSize(9);
  }

  @Test
  void streamsAreBatched(@TempDir Path folder) throws Exception {
    spark
        .readStream()
        .table("t")
        .selectExpr("id", "gptoss_text(prompt) AS f")
        .writeStream()
        .format("delta")
        .option("checkpointLocation", folder.resolve("checkpoint").toString())
        .trigger(Trigger.AvailableNow())
        .start(folder.resolve("out").toString())
        .awaitTermination();
    assertThat(spark.read().format("delta").load(folder.resolve("out").toString()).count())
        .isEqualTo(100);
    assertThat(ENGINE.asked()).hasSize(100);
    assertThat(Rowwise.reasons()).isEmpty();
  }

  @Test
  void describeDocumentsTheFunctions() {
    for (String function : List.of("gptoss_generate", "gptoss_chat", "gptoss_text")) {
      String text =
          spark.sql("DESCRIBE FUNCTION EXTENDED " + function).collectAsList().stream()
              .map(row -> row.getString(0))
              .collect(Collectors.joining("\n"));
      assertThat(text)
          .contains(function + "(", "max_reasoning_tokens - ", "fail_on_error - ", "Examples:")
          .contains("0.1.0");
    }
  }
}
