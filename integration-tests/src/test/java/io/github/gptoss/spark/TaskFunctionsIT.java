package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.github.gptoss.engine.GenerationRequest;
import io.github.gptoss.engine.harmony.Message;
import io.github.gptoss.engine.harmony.Role;
import io.github.gptoss.spark.internal.engine.CountingEngine;
import io.github.gptoss.spark.internal.engine.Engines;
import io.github.gptoss.spark.internal.sql.Rowwise;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The task functions: what they ask, with an engine that says what it was asked, and which types
 * and forms their answers have, with the demo model, which knows none of the tasks. The table
 * {@code t} has four rows: a text each but for the last, whose text is null.
 */
class TaskFunctionsIT {
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = Sessions.local();
    spark.conf().set("spark.gptoss.model", "demo");
    spark
        .sql(
            "SELECT * FROM VALUES (1, 'Ann was charged twice.', 'German'), (2, 'The app fails.',"
                + " 'fr'), (3, 'Thanks, Ann!', NULL), (4, NULL, 'it') AS t(id, body, lang)")
        .createOrReplaceTempView("t");
  }

  @AfterAll
  static void stop() {
    spark.stop();
    Engines.close();
  }

  private static List<Row> rows(String sql) {
    return spark.sql(sql).collectAsList();
  }

  private static void assertRefused(String call, String message) {
    assertThatExceptionOfType(AnalysisException.class)
        .isThrownBy(() -> spark.sql("SELECT " + call + " FROM t"))
        .withMessageContaining(message);
  }

  /** What the engine is asked. Its answers are told by the question. */
  @Nested
  class Asking {
    private static final CountingEngine ENGINE = CountingEngine.forming(Asking::answer);

    /** Of this class, since each task has its own copy of a function that it calls. */
    private static final AtomicInteger MADE = new AtomicInteger();

    private static AutoCloseable counting;

    private static String answer(CountingEngine.Asked asked) {
      String question = text(asked);
      if (question.contains("Is this true")) {
        return asked.question().contains("Ann") ? "true" : "false";
      }
      if (question.contains("JSON array of objects")) {
        return "[{\"label\":\"person\",\"text\":\"Ann\"},{\"label\":\"person\",\"text\":\"Bob\"}]";
      }
      if (question.contains("JSON array")) {
        return "[\"a\",\"c\"]";
      }
      if (question.contains("by aspect")) {
        return "{\"price\":\"negative\",\"the \\\"app\\\"\":\"neutral\"}";
      }
      if (question.contains("Collect.")) {
        int parts = asked.question().split("\"who\":\"part\"", -1).length - 1;
        return "{\"who\":\"%s\",\"when\":null}".formatted(parts == 0 ? "part" : parts + " parts");
      }
      if (question.contains("How many?")) {
        return asked.effort().equals("high") ? "7" : "9".repeat(19);
      }
      return question.contains("response format") ? "{\"who\":\"Ann\",\"when\":null}" : "a";
    }

    @BeforeAll
    static void count() {
      counting = Engines.count(ENGINE);
    }

    @AfterAll
    static void uncount() throws Exception {
      counting.close();
    }

    @BeforeEach
    void reset() {
      ENGINE.reset();
      Rowwise.forget();
    }

    private static List<String> questions() {
      return ENGINE.asked().stream().map(CountingEngine.Asked::question).sorted().toList();
    }

    @Test
    void groupsOfTextsHaveOneAnswer() {
      Dataset<Row> texts =
          spark.sql(
              "SELECT * FROM VALUES ('x', 'b'), ('x', 'a'), ('y', 'c'), ('z', NULL) AS v(k, body)");
      for (int partitions = 1; partitions <= 3; partitions++) {
        ENGINE.reset();
        texts.repartition(partitions).createOrReplaceTempView("texts");
        List<Row> rows =
            rows("SELECT k, gptoss_agg(body, 'Count them.') FROM texts GROUP BY k ORDER BY k");
        assertThat(rows).extracting(row -> row.get(1)).containsExactly("a", "a", null);
        assertThat(questions()).containsExactly("a\n\nb", "c");
        assertThat(text(ENGINE.asked().get(0))).contains("Count them.");
      }
      ENGINE.reset();
      assertThat(rows("SELECT gptoss_summarize_agg(body, 7) FROM texts").get(0).getString(0))
          .isEqualTo("a");
      assertThat(questions()).containsExactly("a\n\nb\n\nc");
      assertThat(text(ENGINE.asked().get(0))).contains("7 words");
      assertThat(rows("SELECT gptoss_agg(body, 'i') FROM texts WHERE k = 'none'").get(0).get(0))
          .isNull();
      assertThat(
              spark
                  .table("texts")
                  .agg(GptOssFunctions.agg(functions.col("body"), "i"))
                  .head()
                  .get(0))
          .isEqualTo("a");
      assertThat(Rowwise.reasons()).isEmpty();
      assertRefused("gptoss_agg(body)", "instruction");
      assertRefused("gptoss_agg(body, ' ')", "instruction");
      assertRefused("gptoss_agg(body, body)", "instruction");
    }

    @Test
    void groupsThatAreTooLargeAreAnsweredPartByPart() {
      List<Row> rows =
          rows(
              "SELECT d.response, d.usage.input_tokens FROM (SELECT gptoss_agg_detail(body, 'i') AS d"
                  + " FROM (SELECT concat('t', id, ' ', repeat('word ', 400)) AS body FROM range(1000)))");
      assertThat(rows.get(0).getString(0)).isEqualTo("a");
      assertThat(rows.get(0).getInt(1)).isBetween(400_000, 420_000);
      assertThat(ENGINE.asked()).hasSizeBetween(5, 6);
      assertThat(questions())
          .filteredOn(question -> question.contains("word"))
          .allMatch(question -> question.startsWith("t") && question.endsWith("word "));
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        textBlock =
            """
            gptoss_classify(body, array('a', 'b'))                  | string
            gptoss_classify(body, array('a', 'c'), true)            | array<string>
            gptoss_extract(body, array('who', 'when'))              | struct<who:string,when:string>
            gptoss_extract(body, 'struct<who:string,when:date>')    | struct<who:string,when:date>
            gptoss_summarize(body)                                  | string
            gptoss_translate(body, 'German')                        | string
            gptoss_fix_grammar(body)                                | string
            gptoss_gen(body)                                        | string
            gptoss_sentiment(body)                                  | string
            gptoss_sentiment(body, array('price', 'the "app"'))     | map<string,string>
            gptoss_mask(body, array('person'))                      | string
            gptoss_filter('it thanks', body)                        | boolean
            """)
    void hasItsTypeAndAsksForRowsWithATextOnly(String call, String type) {
      Dataset<Row> query = spark.sql("SELECT id, " + call + " AS a FROM t");
      assertThat(query.schema().apply("a").dataType().simpleString()).isEqualTo(type);
      List<Row> rows = query.collectAsList();
      assertThat(rows)
          .filteredOn(row -> row.isNullAt(1))
          .singleElement()
          .matches(row -> row.getInt(0) == 4);
      assertThat(ENGINE.asked()).hasSize(3);
      assertThat(Rowwise.reasons()).isEmpty();

      ENGINE.reset();
      String detail = call.replaceFirst("\\(", "_detail(");
      List<Row> details =
          rows("SELECT id, d.response, d.error_code FROM (SELECT id, " + detail + " AS d FROM t)");
      assertThat(details)
          .filteredOn(row -> row.isNullAt(1))
          .singleElement()
          .matches(row -> row.getInt(0) == 4 && row.isNullAt(2));
      assertThat(ENGINE.asked()).hasSize(3);
    }

    /** What the developer and the user say. */
    private static String text(CountingEngine.Asked asked) {
      return asked.messages().stream()
          .filter(message -> message.role() != Role.SYSTEM)
          .map(Message::text)
          .collect(Collectors.joining("\n---\n"));
    }

    private static CountingEngine.Asked asked(String call) {
      ENGINE.reset();
      assertThat(rows("SELECT " + call + " FROM t WHERE id = 1")).hasSize(1);
      assertThat(ENGINE.asked()).hasSize(1);
      return ENGINE.asked().get(0);
    }

    private static String constraint(CountingEngine.Asked asked) {
      GenerationRequest request = asked.request();
      return String.valueOf(request.turn().answer());
    }

    @Test
    void saysWhatIsTheSameForAllRowsFirst() {
      rows("SELECT gptoss_classify(body, array('a', 'b')) FROM t");
      List<String> questions = ENGINE.asked().stream().map(Asking::text).toList();
      String start = questions.get(0).substring(0, questions.get(0).indexOf("\n---\n") + 5);
      assertThat(start).contains("- a\n- b\n");
      assertThat(questions)
          .containsExactlyInAnyOrder(
              start + "Ann was charged twice.", start + "The app fails.", start + "Thanks, Ann!");
    }

    @Test
    void takesArgumentsByPlaceAndByName() {
      Object byPlace =
          asked(
                  "gptoss_classify(body, map('a', 'the \"first\"', 'ab', '<|end|>'), false, 'Be quick.',"
                      + " map('Hi', 'a'))")
              .key();
      CountingEngine.Asked byName =
          asked(
              "gptoss_classify(examples => map('Hi', 'a'), instructions => 'Be quick.', content =>"
                  + " body, multiLabel => false, labels => map('a', 'the \"first\"', 'ab',"
                  + " '<|end|>'))");
      assertThat(byName.key()).isEqualTo(byPlace);
      assertThat(asked("gptoss_classify(body, array('a', 'b'), false, NULL, map())").key())
          .as("no examples")
          .isEqualTo(asked("gptoss_classify(body, array('a', 'b'))").key());
      assertThat(text(byName))
          .contains("- a: the \"first\"\n- ab: <|end|>\n\nBe quick.\n\nExamples:\nHi\n=> a\n");
      CountingEngine.Asked options =
          asked(
              "gptoss_summarize(body, 7, max_tokens => id + 20, reasoning_effort => 'high',"
                  + " developer_prompt => 'Be kind.')");
      assertThat(options.request().maxTokens()).isEqualTo(21);
      assertThat(options.effort()).isEqualTo("high");
      assertThat(text(options))
          .contains("Be kind.\n\nSummarize the user's text in at most 7 words.")
          .endsWith("\n---\nAnn was charged twice.");
      assertThat(text(asked("gptoss_summarize(body, developer_prompt => concat('Row ', id))")))
          .contains("Row 1\n\nSummarize");
    }

    @Test
    void asksForItsForm() {
      assertThat(constraint(asked("gptoss_classify(body, array('a', 'b'))")))
          .contains("a")
          .contains("b");
      assertThat(asked("gptoss_extract(body, array('who', 'when'))").messages().toString())
          .contains("# Response Formats")
          .contains("who");
    }

    @Test
    void languagesMayDifferAndANullGivesNull() {
      List<Row> rows = rows("SELECT id, gptoss_translate(body, lang) FROM t ORDER BY id");
      assertThat(rows).extracting(row -> row.isNullAt(1)).containsExactly(false, false, true, true);
      assertThat(ENGINE.asked())
          .extracting(asked -> text(asked).replaceAll("(?s).*language: (\\w+)\\..*", "$1"))
          .containsExactlyInAnyOrder("German", "fr");
    }

    @Test
    void filterBatchesInWhereAndIsNotAskedTwice() {
      Dataset<Row> query =
          spark.sql(
              "SELECT id, gptoss_filter('Who?', body) FROM t"
                  + " WHERE gptoss_filter('Who?', body) AND id < 4 ORDER BY id");
      assertThat(query.collectAsList())
          .containsExactly(RowFactory.create(1, true), RowFactory.create(3, true));
      assertThat(ENGINE.asked()).hasSize(3);
      assertThat(Rowwise.reasons()).isEmpty();
      String plan =
          rows("EXPLAIN SELECT id FROM t WHERE gptoss_filter('Who?', body)").get(0).getString(0);
      assertThat(plan)
          .containsOnlyOnce("BatchGenerate")
          .contains("gptoss_filter(")
          .contains("task_prompt_version => 1")
          .doesNotContain("Who?");
      assertThat(
              rows("EXPLAIN SELECT gptoss_filter('Who?', body, task_prompt => '{condition}{content}') FROM t")
                  .get(0)
                  .getString(0))
          .doesNotContain("task_prompt_version");
    }

    @Test
    void columnsAreNamedByTheCallWithoutItsTexts() {
      assertThat(
              spark
                  .sql(
                      "SELECT gptoss_classify(body, array('a', 'b')), gptoss_filter('Who?', upper(body)),"
                          + " gptoss_mask('Ann was here', array('a')), gptoss_gen_detail(body).response FROM t")
                  .columns())
          .containsExactly(
              "gptoss_classify(body)",
              "gptoss_filter(string[4], upper(body))",
              "gptoss_mask(string[12])",
              "gptoss_gen_detail(body).response");
      assertThat(
              spark
                  .sql(
                      "SELECT gptoss_agg(body, 'Count them.'), gptoss_agg(id, 'Say which.'),"
                          + " gptoss_agg_detail(upper(body), 'Count?').response,"
                          + " gptoss_summarize_agg(body) FROM t")
                  .columns())
          .containsExactly(
              "gptoss_agg(body, string[11])",
              "gptoss_agg(id, string[10])",
              "gptoss_agg_detail(upper(body), string[6]).response",
              "gptoss_summarize_agg(body)");
    }

    @Test
    void oneCallForAllFieldsOfADetail() {
      List<Row> rows =
          rows(
              "SELECT d.parsed, d.confidence, gptoss_classify_detail(body, array('a', 'b')).usage"
                  + " FROM (SELECT body, gptoss_classify_detail(body, array('a', 'b')) AS d FROM t)");
      assertThat(rows).hasSize(4);
      assertThat(ENGINE.asked()).hasSize(3);
    }

    @Test
    void readsAnswersAsWhatTheyAre() {
      Row row =
          rows("SELECT gptoss_classify(body, array('a', 'b', 'c'), multi_label => true),"
                  + " gptoss_mask(body, array('person')),"
                  + " gptoss_sentiment(body, array('price', 'the \"app\"')).price,"
                  + " gptoss_sentiment(body, array('price', 'the \"app\"'))['the \"app\"'],"
                  + " gptoss_extract(body, array('who', 'when')).who,"
                  + " gptoss_extract(body, array('who', 'when')).when FROM t WHERE id = 1")
              .get(0);
      assertThat(row.<String>getList(0)).containsExactly("a", "c");
      assertThat(row.getString(1)).isEqualTo("[person] was charged twice.");
      assertThat(row.getString(2)).isEqualTo("negative");
      assertThat(row.getString(3)).isEqualTo("neutral");
      assertThat(row.getString(4)).isEqualTo("Ann");
      assertThat(row.isNullAt(5)).isTrue();
    }

    @Test
    void columnsOfProgramsAskTheSame() {
      Column body = functions.col("body");
      Map<String, String> seeded = GptOssOptions.create().seed(5).temperature(1).toMap();
      List<Map.Entry<String, Column>> calls =
          List.of(
              Map.entry(
                  "gptoss_classify(body, array('a', 'b'))",
                  GptOssFunctions.classify(body, "a", "b")),
              Map.entry(
                  "gptoss_classify(body, array('a', 'b'), true, max_tokens => id + 5)",
                  GptOssFunctions.classify(
                      body,
                      List.of("a", "b"),
                      Map.of("multi_label", true, "max_tokens", functions.expr("id + 5")))),
              Map.entry(
                  "gptoss_classify(body, map('a', 'x'), examples => map('q', 'a'))",
                  GptOssFunctions.classify(
                      body, Map.of("a", "x"), Map.of("examples", Map.of("q", "a")))),
              Map.entry(
                  "gptoss_extract(body, 'who string')",
                  GptOssFunctions.extract(body, "who string")),
              Map.entry(
                  "gptoss_extract(body, array('who'), seed => 5, temperature => 1)",
                  GptOssFunctions.extract(body, List.of("who"), seeded)),
              Map.entry("gptoss_summarize(body)", GptOssFunctions.summarize(body)),
              Map.entry(
                  "gptoss_summarize(body, 9)",
                  GptOssFunctions.summarize(body, Map.of("max_words", 9))),
              Map.entry("gptoss_translate(body, 'de')", GptOssFunctions.translate(body, "de")),
              Map.entry("gptoss_fix_grammar(body)", GptOssFunctions.fixGrammar(body)),
              Map.entry("gptoss_gen(body)", GptOssFunctions.gen(body)),
              Map.entry("gptoss_sentiment(body)", GptOssFunctions.sentiment(body)),
              Map.entry(
                  "gptoss_sentiment(body, array('price'))",
                  GptOssFunctions.sentiment(body, Map.of("aspects", List.of("price")))),
              Map.entry("gptoss_mask(body, array('p'))", GptOssFunctions.mask(body, "p")),
              Map.entry("gptoss_filter('c', body)", GptOssFunctions.filter("c", body)),
              Map.entry(
                  "gptoss_filter_detail('c', body)",
                  GptOssFunctions.detail("filter", functions.lit("c"), Map.of("content", body))));
      for (Map.Entry<String, Column> call : calls) {
        Object sql = asked(call.getKey()).key();
        ENGINE.reset();
        spark.table("t").where("id = 1").select(call.getValue()).collectAsList();
        assertThat(ENGINE.asked()).as(call.getKey()).hasSize(1);
        assertThat(ENGINE.asked().get(0).key()).as(call.getKey()).isEqualTo(sql);
      }
      assertThat(Rowwise.reasons()).isEmpty();
    }

    @Test
    void catalogsHaveTheFunctions() {
      spark.sql(
          "CREATE OR REPLACE VIEW catalog_v AS SELECT id, gptoss.classify(body, array('a', 'b'),"
              + " named_struct('max_tokens', 77, 'instructions', 'Be quick.')) AS c,"
              + " gptoss.extract(body, CAST(NULL AS STRUCT<who: STRING, when: STRING>)) AS e,"
              + " gptoss.sentiment(body, array('price', 'the \"app\"')) AS s,"
              + " gptoss.filter('Who?', body) AS f, gptoss.mask_detail(body, array('p')) AS m FROM"
              + " VALUES (1, 'Ann was charged twice.'), (2, 'The app fails.'), (3, 'Thanks, Ann!'),"
              + " (4, NULL) AS v(id, body)");
      try {
        assertThat(rows("SELECT c FROM catalog_v WHERE f AND c = 'a' AND id < 4")).hasSize(2);
        assertThat(ENGINE.asked()).hasSize(3 + 3);
        assertThat(ENGINE.asked())
            .filteredOn(asked -> asked.request().maxTokens() == 77)
            .hasSize(3)
            .allMatch(asked -> text(asked).contains("Be quick."));
        Row row =
            rows("SELECT e.who, s.price, m.parsed[0].text FROM catalog_v WHERE id = 1").get(0);
        assertThat(row).isEqualTo(RowFactory.create("Ann", "negative", "Ann"));
        assertThat(Rowwise.reasons()).isEmpty();
      } finally {
        spark.sql("DROP VIEW catalog_v");
      }
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        textBlock =
            """
            extract(body, array('who'))                                             | schema changes the type of the result by its value, which a catalog's function cannot: give it as the type of a null, CAST(NULL AS STRUCT<
            extract(body, CAST(NULL AS STRUCT<who: STRING>), named_struct('parsed_type', 'variant')) | parsed_type changes the type
            extract_detail(body, CAST(NULL AS STRUCT<who: STRING>), named_struct('include_tokens', true)) | include_tokens changes the type
            classify(body, array('a'), true)                                        | multi_label changes the type
            classify_detail(body, array('a'), named_struct('multi_label', true))    | multi_label changes the type
            classify_detail(body, array('a'), named_struct('include_tokens', true)) | include_tokens changes the type of the result by its value, which a catalog's function cannot: set spark.gptoss.include_tokens, or call gptoss_classify_detail
            summarize_detail(body, named_struct('include_tokens', true))            | include_tokens changes the type
            sentiment_detail(body, array('price'), named_struct('include_tokens', true)) | include_tokens changes the type
            sentiment_detail(body, array('price'))                                  | aspects changes the type
            generate(body, named_struct('include_tokens', true))                    | gptoss.generate: argument include_tokens is not taken by a catalog's function
            """)
    void catalogsNameWhatChangesTheType(String call, String message) {
      assertThatExceptionOfType(AnalysisException.class)
          .isThrownBy(() -> rows("SELECT gptoss." + call + " FROM t"))
          .withMessageContaining(message);
    }

    @Test
    void catalogsTakeTokensBySetting() {
      spark.conf().set("spark.gptoss.include_tokens", "true");
      try {
        assertThat(
                rows("SELECT gptoss.summarize_detail(body).prompt_tokens FROM t WHERE id = 1")
                    .get(0)
                    .<Integer>getList(0))
            .isNotEmpty();
      } finally {
        spark.conf().unset("spark.gptoss.include_tokens");
      }
    }

    @Test
    void aTextThatDiffersEachTimeIsMadeOnce() {
      MADE.set(0);
      spark
          .udf()
          .register(
              "text_no",
              functions
                  .udf(
                      (UDF1<Integer, String>) id -> "Ann " + MADE.incrementAndGet(),
                      DataTypes.StringType)
                  .asNondeterministic());
      List<Row> rows =
          rows(
              "SELECT gptoss_mask(text_no(id), array('person')), gptoss_mask(if(id = 2, NULL,"
                  + " text_no(id)), array('person')) FROM t WHERE gptoss_filter('it', text_no(id))");
      assertThat(MADE).hasValue(4 + 3 + 4);
      assertThat(questions()).hasSize(MADE.get()).doesNotHaveDuplicates();
      assertThat(rows)
          .hasSize(4)
          .flatMap(row -> Arrays.asList(row.getString(0), row.getString(1)))
          .filteredOn(text -> text != null)
          .hasSize(4 + 3)
          .doesNotHaveDuplicates()
          .allMatch(text -> text.matches("\\[person] \\d+"))
          .allMatch(text -> questions().contains(text.replace("[person]", "Ann")));
      MADE.set(0);
      ENGINE.reset();
      assertThat(
              rows(
                  "SELECT gptoss_mask(gptoss_gen(text_no(id)), array('person')) FROM t"
                      + " WHERE id = 1"))
          .containsExactly(RowFactory.create("a"));
      assertThat(questions()).containsExactly("Ann 1", "a");
      assertThat(Rowwise.reasons()).isEmpty();
    }

    @Test
    void fieldsOfALongTextAreReadPartByPart() {
      List<Row> rows =
          rows(
              "SELECT d.parsed.who, d.parsed.when, d.error_code FROM (SELECT gptoss_extract_detail("
                  + "repeat('word ', 300000), array('who', 'when'), 'Collect.', max_tokens => 64,"
                  + " overflow => 'map_reduce') AS d)");
      List<CountingEngine.Asked> asked = ENGINE.asked();
      assertThat(asked).hasSizeBetween(4, 6);
      assertThat(rows)
          .containsExactly(RowFactory.create((asked.size() - 1) + " parts", null, null));
      assertThat(asked)
          .allSatisfy(
              part -> {
                assertThat(text(part)).contains("# Response Formats").contains("Collect.");
                assertThat(constraint(part)).contains("who");
              })
          .filteredOn(part -> part.question().startsWith("These are answers"))
          .hasSize(1);
    }

    @Test
    void aNumberBeyondItsTypeIsAskedForAgain() {
      String call =
          "gptoss_extract_detail(body, '{\"type\": \"integer\"}', 'How many?', reasoning_effort =>"
              + " 'low', escalate_effort => %s)";
      String detail =
          "SELECT d.parsed, d.error_code, d.reasoning_effort FROM (SELECT %s AS d FROM t WHERE id = 1)";
      assertThat(rows(detail.formatted(call.formatted(true))))
          .containsExactly(RowFactory.create(7L, null, "high"));
      assertThat(ENGINE.asked()).hasSize(3);
      assertThat(rows(detail.formatted(call.formatted(false))))
          .containsExactly(RowFactory.create(null, "parsed_out_of_range", "low"));
      assertThat(
              rows(
                  "SELECT transform(array(body), b -> "
                      + call.formatted(true).replace("body", "b")
                      + ".parsed)[0] FROM t WHERE id = 1"))
          .as("row by row")
          .containsExactly(RowFactory.create(7L));
    }

    @Test
    void promptsCanBeReplaced() {
      assertThat(
              asked(
                      "gptoss_classify(body, array('a', 'b'), task_prompt => 'Pick {{one}}:\n"
                          + "{labels}\n{content} {instructions}!')")
                  .question())
          .isEqualTo("Pick {one}:\n- a\n- b\nAnn was charged twice. !");
      assertThat(
              text(
                  asked(
                      "gptoss_classify(body, array('a', 'b'), task_prompt => 'Pick:\n{labels}\n\n"
                          + "{content}')")))
          .endsWith("Pick:\n- a\n- b\n---\nAnn was charged twice.");
      spark.conf().set("spark.gptoss.task_prompt", "{content}?");
      try {
        assertThat(asked("gptoss_summarize(body)").question()).isEqualTo("Ann was charged twice.?");
        assertRefused("gptoss_gen(body)", "task_prompt");
      } finally {
        spark.conf().unset("spark.gptoss.task_prompt");
      }
    }

    @Test
    void aTextThatIsMaskedIsSeenWholeWhateverTheSessionSays() {
      spark.conf().set("spark.gptoss.overflow", "truncate_end");
      try {
        assertRefused("gptoss_mask(body, array('person'))", "give overflow => 'error'");
        assertThat(asked("gptoss_mask(body, array('person'), overflow => 'error')").question())
            .isEqualTo("Ann was charged twice.");
        String catalog = "SELECT gptoss.mask(body, array('person')%s) FROM t WHERE id = 1";
        assertThat(rows(catalog.formatted(", named_struct('overflow', 'error')")))
            .containsExactly(RowFactory.create("[person] was charged twice."));
        assertThatExceptionOfType(AnalysisException.class)
            .isThrownBy(() -> rows(catalog.formatted("")))
            .withMessageContaining("overflow is truncate_end");
      } finally {
        spark.conf().unset("spark.gptoss.overflow");
      }
    }

    @Test
    void aFormOfTheSessionIsNotTheTasks() {
      spark.conf().set("spark.gptoss.response_format", "{\"type\": \"json_object\"}");
      try {
        assertRefused("gptoss_summarize(body)", "spark.gptoss.response_format says another");
      } finally {
        spark.conf().unset("spark.gptoss.response_format");
      }
    }

    @Test
    void nestsAndGroups() {
      rows("SELECT gptoss_translate(gptoss_summarize(body), 'de') FROM t");
      // The three summaries are the same, so their translation is made once.
      assertThat(ENGINE.asked()).hasSize(3 + 1);
      ENGINE.reset();
      assertThat(
              rows(
                  "SELECT gptoss_classify(body, array('a', 'b')), count(*) FROM t"
                      + " GROUP BY gptoss_classify(body, array('a', 'b'))"))
          .containsExactlyInAnyOrder(RowFactory.create("a", 3L), RowFactory.create(null, 1L));
      assertThat(ENGINE.asked()).hasSize(3);
      assertThat(Rowwise.reasons()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          gptoss_classify(body, array())                            | labels is empty
          gptoss_classify(body, map())                              | labels is empty
          gptoss_classify(body, array('a', NULL))                   | labels has a null at place 2
          gptoss_classify(body, array('a', ' '))                    | labels has a blank text at place 2
          gptoss_classify(body, array('a', 'b', 'a'))               | labels has the same text at places 1 and 3
          gptoss_classify(body, map('a', 'x', 'a', 'y'))            | labels has the same text at places 1 and 2
          gptoss_classify(body, transform(sequence(1, 10000), x -> string(x))) | labels is computed by what only runs with the query
          gptoss_classify(body, array_repeat('a', 2))               | labels has the same text at places 1 and 2
          gptoss_classify(body, array_append(array('a'), 'a'))      | labels has the same text at places 1 and 2
          gptoss_classify(body, array('a'), max_tokens => nvl(NULL, 0)) | max_tokens is 0
          gptoss_classify(body, array(body))                        | labels differs from row to row
          gptoss_classify(body, CAST(NULL AS array<string>))        | labels is null
          gptoss_classify(body, 'a')                                | labels is string, expected array<string>
          gptoss_classify(body, array(1))                           | labels is array<int>, expected array<string>
          gptoss_classify(body)                                     | needs its labels
          gptoss_classify()                                         | needs its content
          gptoss_classify(body, labels => array('a'), labels => array('b')) | labels
          gptoss_classify(body, array('a'), content => body)        | content is given twice
          gptoss_classify(body, array('a'), labls => 1)             | did you mean 'labels'
          gptoss_classify(body, array('a'), max_tokns => 1)         | did you mean 'max_tokens'
          gptoss_classify(body, array('a'), response_format => 'x') | the function itself says what form
          gptoss_classify(body, array('a'), parsed_type => 'string') | has no argument parsed_type
          gptoss_classify(body, array('a'), multi_label => 'yes')   | multi_label is string, expected boolean
          gptoss_classify(body, array('a'), examples => map('t', 'b')) | none of the labels
          gptoss_classify(body, array('a'), examples => map('t', NULL)) | none of the labels
          gptoss_classify(body, array('a', repeat('y', 4097)))      | a listed text has more than 4,096 characters
          gptoss_classify(body, array('a'), task_prompt => '{content}') | add {labels}
          gptoss_classify(body, array('a'), stop => 'x')            | stop
          gptoss_classify(body, array('a'), threads => 1)           | spark.gptoss.threads
          gptoss_classify(array(body), array('a'))                  | content is array<string>, expected string
          gptoss_generate(body, task_prompt => 'x')                 | has no argument task_prompt
          gptoss_extract(body, '{')                                 | schema begins like JSON and is none
          gptoss_extract(body, 'not a type')                        | argument schema is neither
          gptoss_extract(body, '7')                                 | schema
          gptoss_extract(body, '')                                  | schema is blank
          gptoss_extract(body, NULL)                                | schema is null
          gptoss_extract(body, body)                                | schema differs from row to row
          gptoss_extract(body, array('a', 'A'))                     | schema has the same text
          gptoss_extract(body, 'struct<a:int,A:string>')            | argument schema has a struct with two fields
          gptoss_extract(body, 'struct<a:binary>')                  | argument schema has type BINARY
          gptoss_extract(body, '{"type":"integer","minimum":3,"maximum":2}') | schema: unsatisfiable_schema
          gptoss_extract(body, '{"type":"object","not":{}}')        | schema: unsupported_schema
          gptoss_extract(body, concat(repeat('{"items":', 2000), '{}', repeat('}', 2000))) | schema is nested more than 1,000 levels deep
          gptoss_generate(body, structured_outputs => concat('{"json":', repeat('{"items":', 2000), '{}', repeat('}', 2001))) | option structured_outputs is nested more than 1,000
          gptoss_generate(body, structured_outputs => to_json(named_struct('json', concat(repeat('[', 2000), repeat(']', 2000))))) | json is nested more than 1,000
          gptoss_summarize(body, 0)                                 | max_words is 0: it must be at least 1
          gptoss_summarize(body, id)                                | max_words differs from row to row
          gptoss_summarize(body, 'few')                             | max_words is string, expected a whole number
          gptoss_summarize(body, 5, 6)                              | argument 3 has no name
          gptoss_summarize(max_words => 5, body)                    | argument
          gptoss_translate(body, ' ')                               | to_lang is blank
          gptoss_filter('', body)                                   | condition is blank
          gptoss_mask(body, array())                                | labels is empty
          gptoss_mask(body, array('a'), overflow => 'map_reduce')   | overflow is map_reduce, but what the model does not see
          gptoss_mask_detail(body, array('a'), overflow => 'Truncate_End') | overflow is truncate_end, but
          gptoss_sentiment(body, array('price', 'Price'))           | aspects has the same text
          """)
  void refusesWrongArgumentsBeforeTheQueryRuns(String call, String message) {
    assertRefused(call, message);
  }

  @Test
  void refusesTooManyLabels() {
    StringBuilder labels = new StringBuilder("'l0'");
    for (int i = 1; i < 10_000; i++) {
      labels.append(", 'l").append(i).append("'");
    }
    assertRefused(
        "gptoss_classify(body, array(" + labels + "))",
        "labels has 10000 entries: it may have at most 1000");
    String few = labels.substring(0, labels.indexOf(", 'l65'"));
    assertRefused(
        "gptoss_classify(body, array(" + few + "), true)",
        "labels has 65 entries: with multi_label it may have at most 64");
  }

  private static final String BRIEF =
      ", temperature => 1.5, max_tokens => 300, max_reasoning_tokens => 8)";

  @Test
  void labelsThatBeginAlikeAndLookLikeTokensAreAnswers() {
    List<Row> rows =
        rows(
            "SELECT d.parsed, d.confidence, d.choice_probabilities FROM (SELECT"
                + " gptoss_classify_detail(body, array('re', 'refund', 'a \"b\"', '<|return|>'),"
                + " choice_probabilities => true"
                + BRIEF
                + " AS d FROM t WHERE id < 4)");
    for (Row row : rows) {
      assertThat(row.getString(0)).isIn("re", "refund", "a \"b\"", "<|return|>");
      Map<String, Double> probabilities = row.getJavaMap(2);
      assertThat(probabilities.get(row.getString(0))).isEqualTo(row.getDouble(1));
      assertThat(probabilities.values().stream().mapToDouble(p -> p).sum())
          .isCloseTo(1, within(1e-9));
    }
  }

  @Test
  void answersHaveTheirForms() {
    List<Row> rows =
        rows(
            "SELECT gptoss_classify(body, array('x', 'y', 'z'), true"
                + BRIEF
                + " AS many, gptoss_extract(body, '{\"type\":\"object\",\"properties\":{\"n\":{\"type\":"
                + "\"integer\",\"minimum\":1,\"maximum\":9}},\"required\":[\"n\"]}'"
                + BRIEF
                + ".n AS n, gptoss_sentiment(body, array('price', 'app')"
                + BRIEF
                + " AS moods, gptoss_sentiment(body"
                + BRIEF
                + " AS mood, gptoss_filter('it thanks', body"
                + BRIEF
                + " AS yes FROM t WHERE id = 1");
    assertThat(rows).hasSize(1);
    for (Row row : rows) {
      assertThat(row.<String>getList(0)).isSubsetOf("x", "y", "z").doesNotHaveDuplicates();
      assertThat(row.getLong(1)).isBetween(1L, 9L);
      assertThat(row.<String, String>getJavaMap(2)).containsOnlyKeys("price", "app");
      assertThat(row.<String, String>getJavaMap(2).values())
          .isSubsetOf("positive", "negative", "neutral", "mixed");
      assertThat(row.getString(3)).isIn("positive", "negative", "neutral", "mixed");
      assertThat(row.isNullAt(4)).isFalse();
    }
  }

  @Test
  void aTextBeyondTheContextIsNullAndItsDetailSaysWhy() {
    Row row =
        rows("SELECT gptoss_filter('short', big), gptoss_summarize_detail(big).error_code FROM"
                + " (SELECT repeat('a b ', 262144) AS big)")
            .get(0);
    assertThat(row).isEqualTo(RowFactory.create(null, "context_length_exceeded"));
  }

  @Test
  void isDescribed() {
    String help =
        String.join(
            "\n",
            rows("DESCRIBE FUNCTION EXTENDED gptoss_classify").stream()
                .map(row -> row.getString(0))
                .toList());
    assertThat(help)
        .contains("gptoss_classify(content, labels [, multi_label]")
        .contains("labels - the labels, array<string>")
        .contains("task_prompt")
        .contains("max_tokens")
        .doesNotContain("structured_outputs - ");
    assertThat(rows("SHOW FUNCTIONS LIKE 'gptoss_*'")).hasSize(25);
  }
}
