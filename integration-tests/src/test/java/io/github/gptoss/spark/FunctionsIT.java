package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.spark.executor.CountingEngine;
import io.github.gptoss.spark.executor.Engines;
import io.github.gptoss.spark.functions.Rowwise;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How many rows are generated, wherever in a query a call is. The table {@code t} has 100 rows: id
 * from 0, prompt p0, p1, ..., k = id % 5.
 */
class FunctionsIT {
  private static final CountingEngine ENGINE = new CountingEngine();

  private static SparkSession spark;
  private static AutoCloseable counting;

  @BeforeAll
  static void start() {
    spark = Sessions.local();
    spark.conf().set("spark.gptoss.model", "demo");
    counting = Engines.count(ENGINE);
    spark.sql("DROP TABLE IF EXISTS t");
    spark.sql(
        "CREATE TABLE t USING delta AS"
            + " SELECT id, concat('p', id) AS prompt, id % 5 AS k FROM range(0, 100, 1, 2)");
  }

  @AfterAll
  static void stop() throws Exception {
    spark.sql("DROP TABLE IF EXISTS t");
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
          chat in JSON           | SELECT gptoss_chat(to_json(array(named_struct('role', 'user', 'content', prompt)))).response FROM t | 100 | 100
          cheap predicate first  | SELECT id FROM t WHERE gptoss_text(prompt) LIKE '%8' AND k = 3 | 10 | 20
          predicate and field    | SELECT gptoss_text(prompt) FROM t WHERE gptoss_text(prompt) LIKE '%8' AND k = 3 | 10 | 20
          filter above subquery  | SELECT * FROM (SELECT id, k, gptoss_text(prompt) AS f FROM t) WHERE k = 2 AND f LIKE 'ans%' | 20 | 20
          CASE                   | SELECT CASE WHEN k = 1 THEN gptoss_text(prompt) WHEN k = 2 THEN 'x' END FROM t | 100 | 20
          IF and COALESCE        | SELECT if(k = 0, gptoss_text(prompt), 'n'), coalesce(if(k > 1, 'z', NULL), gptoss_text(prompt)) FROM t | 100 | 40
          nested                 | SELECT gptoss_text(gptoss_text(prompt)) FROM t | 100 | 200
          two calls              | SELECT gptoss_text(prompt), gptoss_text(concat(prompt, '!')) FROM t | 100 | 200
          two seeds              | SELECT gptoss_text(prompt, seed => 1), gptoss_text(prompt, seed => 2) FROM t | 100 | 200
          over an aggregate      | SELECT k, gptoss_text(concat_ws(' ', collect_list(prompt))) FROM t GROUP BY k | 5 | 5
          over a group           | SELECT concat('p', k), gptoss_text(concat('p', k)), count(*) FROM t GROUP BY concat('p', k) | 5 | 5
          in an aggregate        | SELECT k, sum(gptoss_generate(prompt).usage.output_tokens) FROM t GROUP BY k | 5 | 100
          guarded aggregate      | SELECT CASE WHEN count(*) > 1 THEN max(gptoss_text(prompt)) END FROM t WHERE id < 10 | 1 | 10
          group by a call        | SELECT gptoss_generate(prompt).finish_reason, count(*) FROM t GROUP BY gptoss_generate(prompt).finish_reason | 1 | 100
          HAVING                 | SELECT k FROM t GROUP BY k HAVING gptoss_text(concat('g', k)) LIKE '%3' | 1 | 5
          order by               | SELECT id FROM t WHERE id < 9 ORDER BY gptoss_text(prompt) DESC | 9 | 9
          limit                  | SELECT id, gptoss_text(prompt) FROM t LIMIT 3 | 3 | 3
          limit of several calls | SELECT gptoss_text(prompt), gptoss_text(concat(prompt, '!')) FROM t LIMIT 3 | 3 | 6
          limit and offset       | SELECT gptoss_text(prompt) FROM t LIMIT 3 OFFSET 2 | 3 | 5
          top-N                  | SELECT id, gptoss_text(prompt) FROM t ORDER BY id DESC LIMIT 3 | 3 | 3
          count                  | SELECT count(*) FROM (SELECT gptoss_text(prompt) FROM t) | 1 | 0
          unused                 | SELECT id FROM (SELECT id, gptoss_text(prompt) AS f FROM t) | 100 | 0
          over a join            | SELECT gptoss_text(concat(a.prompt, b.prompt)) FROM t a JOIN t b ON a.id = b.id WHERE a.id < 10 | 10 | 10
          IN subquery            | SELECT id FROM t WHERE concat('ans:', prompt) IN (SELECT gptoss_text(prompt) FROM t WHERE id < 4) | 4 | 4
          scalar subquery        | SELECT (SELECT max(gptoss_text(prompt)) FROM t WHERE id < 4) | 1 | 4
          subquery as prompt     | SELECT gptoss_text((SELECT max(prompt) FROM t)) FROM range(1) | 1 | 1
          literal                | SELECT gptoss_text('hello') | 1 | 1
          null prompt            | SELECT gptoss_generate(NULL).error_code | 1 | 0
          window over a call     | SELECT id, row_number() OVER (PARTITION BY k ORDER BY gptoss_text(prompt)) FROM t WHERE id < 20 | 20 | 20
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
}
