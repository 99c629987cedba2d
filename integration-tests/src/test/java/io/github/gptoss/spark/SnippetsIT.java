package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.cli.sql.SqlStatements;
import io.github.gptoss.spark.internal.engine.Engines;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/**
 * The code in the documentation. SQL and the engine's commands are run with the demo model, Java is
 * compiled, JSON and configurations are read, and other commands name what there is. Python is run
 * by python/tests/test_documents.py.
 */
class SnippetsIT {
  private static final Set<String> LANGUAGES =
      Set.of("bash", "java", "json", "properties", "python", "sql", "text");

  /** Programs that are not this project's. */
  private static final Set<String> PROGRAMS =
      Set.of(
          "awk",
          "aws",
          "cat",
          "chmod",
          "date",
          "docker",
          "echo",
          "gcloud",
          "git",
          "hadoop",
          "java",
          "mkdir",
          "mvn",
          "pip",
          "spark-pipelines",
          "spark-submit",
          "sudo",
          "xargs");

  @TempDir static Path folder;

  private static SparkSession spark;
  private static Map<String, String> here;

  @BeforeAll
  static void start() throws Exception {
    spark = Sessions.local();
    spark.sql("CREATE DATABASE guide LOCATION '" + folder.resolve("guide") + "'");
    spark.sql(
        """
        CREATE TABLE guide.tickets USING parquet AS SELECT * FROM VALUES
          (1, 'Sum', 'What is 12 + 7?', 'support', 'lamp'),
          (2, 'France', 'What is the capital of France?', NULL, 'lamp'),
          (3, 'Refund', 'Please refund order 3798.', 'legal', 'chair')
          AS t(id, subject, body, department, product)\
        """);
    spark.sql("CREATE VIEW guide.reviews AS SELECT * FROM guide.tickets");
    String support = DemoAdapter.write(folder.resolve("support"), 1);
    here = new LinkedHashMap<>();
    here.put("/models/gpt-oss-20b-support", folder.resolve("merged").toString());
    here.put("/models/gpt-oss-20b", "demo");
    here.put("hf://openai/gpt-oss-20b", "demo");
    here.put("hf://acme/legal-lora", DemoAdapter.write(folder.resolve("legal"), 2));
    here.put("/adapters/legal", folder.resolve("legal").toString());
    here.put("/adapters/support", support);
    here.put("s3a://bucket/completions", folder.resolve("completions").toString());
    here.put("'examples/", "'" + Sessions.ROOT + "/examples/");
    here.put("--batch 1,32,64", "--batch 1 --rounds 1 --output 2");
  }

  @AfterAll
  static void stop() {
    spark.sql("DROP DATABASE guide CASCADE");
    spark.stop();
    Engines.close();
  }

  /**
   * With addresses that there are in the place of those of the documentation, and a short bench.
   */
  private static String here(String code) {
    for (Map.Entry<String, String> address : here.entrySet()) {
      code = code.replace(address.getKey(), address.getValue());
    }
    return code;
  }

  private interface Check {
    void of(Snippet snippet) throws Exception;
  }

  private static Stream<DynamicTest> each(String language, Check check) throws IOException {
    List<Snippet> snippets = Snippet.of(language);
    assertThat(snippets).as(language).isNotEmpty();
    return snippets.stream()
        .map(
            snippet -> {
              Executable test = () -> check.of(snippet);
              return dynamicTest(snippet.place(), test);
            });
  }

  @Test
  void everyBlockOfCodeHasALanguage() throws Exception {
    assertThat(Snippet.all()).allMatch(snippet -> LANGUAGES.contains(snippet.language()));
    List<String> without = new ArrayList<>();
    for (Path document : Snippet.documents()) {
      String prose = Snippet.prose(document);
      assertThat(prose).as(document.toString()).doesNotContain("```", "\n<!-- not run");
      boolean inList = false;
      String before = "";
      for (String line : prose.split("\n")) {
        boolean indented = line.startsWith("    ") && !line.isBlank();
        if (indented && before.isBlank() && !inList) {
          without.add(document + ": " + line);
        }
        if (!line.isBlank() && !line.startsWith(" ")) {
          inList = line.matches("(- |\\d+\\. ).*");
        }
        before = line;
      }
    }
    assertThat(without).isEmpty();
  }

  @TestFactory
  Stream<DynamicTest> sqlRuns() throws Exception {
    return each(
        "sql",
        snippet -> {
          SparkSession session = spark.newSession();
          session.sql("USE guide");
          session.conf().set("spark.gptoss.model", "demo");
          session.conf().set("spark.gptoss.max_tokens", "60");
          for (String statement : SqlStatements.of(session, here(snippet.code()))) {
            if (!snippet.isRun()) {
              session.sessionState().sqlParser().parsePlan(statement);
            } else if (statement.startsWith("SELECT")) {
              List<Row> rows = session.sql(statement).collectAsList();
              assertThat(rows).as(statement).noneMatch(SnippetsIT::hasError);
              assertThat(rows.isEmpty() && !statement.contains("WHERE")).as(statement).isFalse();
            } else {
              session.sql(statement);
            }
          }
        });
  }

  private static boolean hasError(Row row) {
    return Stream.of(row.schema().fieldNames())
        .filter(name -> name.equals("error_code") || name.equals("error_message"))
        .anyMatch(name -> row.getAs(name) != null);
  }

  @TestFactory
  Stream<DynamicTest> javaCompiles() throws Exception {
    return each("java", snippet -> JavaSnippets.compile(snippet.code(), folder.resolve("classes")));
  }

  @TestFactory
  Stream<DynamicTest> jsonIsRead() throws Exception {
    ObjectMapper strict =
        new ObjectMapper()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    return each("json", snippet -> strict.readTree(snippet.code()));
  }

  @TestFactory
  Stream<DynamicTest> configurationsNameOptions() throws Exception {
    return each(
        "properties",
        snippet -> {
          Properties properties = new Properties();
          properties.load(new StringReader(snippet.code()));
          Map<String, String> conf = new HashMap<>();
          properties.forEach((key, value) -> conf.put((String) key, (String) value));
          assertThat(conf.keySet()).isNotEmpty().allMatch(key -> key.startsWith("spark."));
          conf.keySet().stream()
              .filter(key -> key.startsWith(OptionKey.CONF_PREFIX))
              .map(key -> key.substring(OptionKey.CONF_PREFIX.length()))
              .forEach(name -> assertThat(OptionKey.of(name).optionName()).isEqualTo(name));
          OptionValues.resolve(Map.of("model", "demo"), conf);
        });
  }

  @TestFactory
  Stream<DynamicTest> commandsAreThere() throws Exception {
    ShellCommands shell = new ShellCommands(new HelpTexts());
    return each(
        "bash",
        snippet -> {
          run("bash", "-n", "-c", snippet.code());
          List<List<String>> commands = ShellCommands.of(snippet.code());
          assertThat(commands).isNotEmpty();
          for (List<String> command : commands) {
            String program = command.get(0);
            if (program.contains("/")) {
              assertThat(Sessions.ROOT.resolve(program)).isExecutable();
            } else {
              assertThat(PROGRAMS).contains(program);
            }
            shell.check(command);
          }
          Set<String> engines = Set.of("bin/gptoss", "echo");
          if (commands.stream().allMatch(command -> engines.contains(command.get(0)))) {
            run("bash", "-e", "-o", "pipefail", "-c", here(snippet.code()));
          }
        });
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Path output = Files.createTempFile(folder, "output", null);
    Process process =
        new ProcessBuilder(command)
            .directory(Sessions.ROOT.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor()).as(Files.readString(output)).isZero();
  }
}
