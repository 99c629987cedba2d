package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.spark.internal.engine.ConnectServer;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Spark's Connect client and a Connect server, a process each. The table {@code demo} has the
 * shipped conversations, {@code sums} those 40 that are sums with little reasoning, one of which is
 * there twice and generated once.
 */
class ConnectIT {
  private static final Path CONNECT = Sessions.ROOT.resolve("integration-tests/target/connect");

  @TempDir static Path folder;

  private static Child server;
  private static Child client;

  /** A process that answers lines with lines. */
  private record Child(Process process, BufferedReader out, Path err) {
    static Child start(Class<?> main, Stream<Path> classPath, String... args) throws IOException {
      Path err = folder.resolve(main.getSimpleName() + ".err");
      List<String> command =
          new ArrayList<>(
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "@" + Sessions.ROOT.resolve("conf/spark-java.args"),
                  "-Xmx1500m",
                  "-Dgptoss.root=" + Sessions.ROOT,
                  "-Dlog4j2.configurationFile=" + Sessions.ROOT.resolve("conf/log4j2.properties"),
                  "-cp",
                  String.join(File.pathSeparator, classPath.map(Path::toString).toList()),
                  main.getName()));
      command.addAll(List.of(args));
      Process process =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectError(err.toFile())
              .start();
      return new Child(process, process.inputReader(), err);
    }

    String line() throws IOException {
      String line = out.readLine();
      assertThat(line).as(() -> ended()).isNotNull();
      return line;
    }

    private String ended() {
      try {
        return "a process has ended: " + Files.readString(err);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void send(String line) throws IOException {
      process.outputWriter().write(line + "\n");
      process.outputWriter().flush();
    }

    /** Lets it end with its input. */
    int end() throws IOException, InterruptedException {
      process.outputWriter().close();
      return process.waitFor();
    }
  }

  @BeforeAll
  static void start() throws IOException {
    List<Path> ours =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(Path::of)
            .toList();
    server = Child.start(ConnectServer.class, Stream.concat(ours.stream(), jars("server")));
    String port = server.line();
    client =
        Child.start(
            ConnectClient.class,
            Stream.concat(jars("client"), ours.stream().filter(ConnectIT::isOfClients)),
            port);
    String columns =
        "(id STRING, task STRING, reasoning_effort STRING, messages STRING, question STRING,"
            + " expected STRING, expected_response STRING)";
    ask(
        "sql",
        "CREATE TEMPORARY VIEW demo %s USING json OPTIONS (path '%s')"
            .formatted(columns, Sessions.DEMO_PROMPTS));
    ask(
        "sql",
        "CREATE TEMPORARY VIEW sums AS SELECT * FROM demo"
            + " WHERE task = 'arithmetic' AND reasoning_effort = 'low'");
  }

  @AfterAll
  static void stop() throws Exception {
    assertThat(client.end()).isZero();
    assertThat(server.end()).isZero();
  }

  private static Stream<Path> jars(String name) throws IOException {
    try (Stream<Path> jars = Files.list(CONNECT.resolve(name))) {
      return jars.toList().stream();
    }
  }

  /** The client brings its own of what would be a Spark that computes. */
  private static boolean isOfClients(Path entry) {
    String name = entry.getFileName().toString();
    return Stream.of("spark-core", "spark-sql", "spark-catalyst", "delta-", "gptoss-")
        .noneMatch(name::startsWith);
  }

  /** What the client gets. */
  private static List<String> ask(String way, String what) throws IOException {
    client.send(way + "|" + what);
    List<String> lines = new ArrayList<>();
    for (String line = client.line(); !line.equals(ConnectClient.END); line = client.line()) {
      lines.add(line);
    }
    return lines;
  }

  /** Rows generated since this was asked before, and why calls were not batched. */
  private static String served() throws IOException {
    server.send("");
    return server.line();
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          sql           | SELECT count(*), count_if(a.response = expected), count_if(a.finish_reason = 'stop'), count(a.error_code) FROM (SELECT expected, gptoss_generate(question, reasoning_effort => 'low') AS a FROM sums) | [40,40,40,0] | 39
          sql           | SELECT count_if(gptoss_text(question, reasoning_effort => 'low') = expected) FROM sums | [40] | 39
          sql           | SELECT count(*), count_if(gptoss_chat(messages).response = expected_response) FROM demo WHERE task = 'ticket' AND reasoning_effort = 'low' | [40,40] | 40
          sql           | SELECT count_if(gptoss.text(question, named_struct('reasoning_effort', 'low')) = expected) FROM sums | [40] | 39
          sql           | SELECT gptoss_text(question, reasoning_effort => 'low') FROM sums LIMIT 1 | [7] | 1
          sql           | SELECT count(*) FROM (SELECT gptoss_text(question) FROM sums) | [40] | 0
          sql           | SELECT a.parsed, typeof(a.parsed) FROM (SELECT gptoss_generate(question, max_reasoning_tokens => 4, response_format => '{"type": "json_schema", "json_schema": {"name": "x", "schema": {"properties": {"n": {"const": 7}, "of": {"type": "array", "items": {"const": "a"}, "minItems": 2, "maxItems": 2}}, "required": ["n", "of"]}}}') AS a FROM sums WHERE id = 'arithmetic-low-001') | [[7,ArraySeq(a, a)],struct<n:bigint,of:array<string>>] | 1
          sql           | SELECT gptoss_classify(question, array('sum'), multi_label => true, max_reasoning_tokens => 4) IS NOT NULL, gptoss_filter('it is a sum', question, max_reasoning_tokens => 4) IN (true, false) FROM sums WHERE id = 'arithmetic-low-001' | [true,true] | 2
          expr          | if(id = 'arithmetic-low-001', gptoss_generate(question, reasoning_effort => 'low').response = expected, true) AND id IS NOT NULL | [true] | 1
          selectExpr    | count_if(gptoss_text(question, reasoning_effort => 'low') = expected) AS right | [40] | 39
          where         | gptoss_text(question, reasoning_effort => 'low') = expected AND id = 'arithmetic-low-001' | [arithmetic-low-001] | 1
          """)
  void clientsGetWhatIsRightAndItIsGeneratedInBatches(
      String way, String what, String rows, int generated) throws IOException {
    served();
    assertThat(ask(way, what)).isNotEmpty().allMatch(rows::equals);
    assertThat(served()).isEqualTo(generated + " []");
  }

  @Test
  void functionsAreCalledByName() throws IOException {
    served();
    assertThat(ask("call_function", "gptoss_text")).hasSize(40).contains("[7]");
    assertThat(served()).isEqualTo("39 []");
  }

  /**
   * Spark's JVM client knows the text of Spark's own conditions only, and replaces the server's
   * text of any other by an internal error that names the condition (ADR 0018). PySpark's shows the
   * text: {@code PySparkIT}.
   */
  @Test
  void plansShowTheOperatorAndWrongCallsTheCondition() throws IOException {
    assertThat(ask("sql", "EXPLAIN SELECT gptoss_generate(question).response FROM sums"))
        .anyMatch(line -> line.contains("BatchGenerate"));
    assertThat(ask("expr", "gptoss_generate(question, max_tokns => 1)"))
        .anyMatch(line -> line.contains("'GPTOSS_INVALID_ARGUMENT'"));
  }
}
