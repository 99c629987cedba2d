package io.github.gptoss.spark.internal.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.engine.GptOssEngine;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of conf/ name options and classes that there are. */
class ConfFilesTest {
  private static final Path CONF = Path.of("../conf");
  private static final Path DATABRICKS = CONF.resolve("databricks");
  private static final Pattern OUR_CLASS = Pattern.compile("io\\.github\\.gptoss\\.[\\w.]+");

  @TempDir Path folder;

  private static Map<String, String> properties(Path file) throws Exception {
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(file)) {
      properties.load(in);
    }
    Map<String, String> conf = new HashMap<>();
    properties.stringPropertyNames().forEach(k -> conf.put(k, properties.getProperty(k).strip()));
    return conf;
  }

  private static JsonNode json(String file) throws Exception {
    return new ObjectMapper().readTree(DATABRICKS.resolve(file).toFile());
  }

  private static Map<String, String> cluster(JsonNode cluster) {
    Map<String, String> conf = new HashMap<>();
    cluster
        .get("spark_conf")
        .properties()
        .forEach(e -> conf.put(e.getKey(), e.getValue().asText()));
    return conf;
  }

  private static JsonNode jobCluster() throws Exception {
    return json("job.json").at("/job_clusters/0/new_cluster");
  }

  private static Map<String, Map<String, String>> all() throws Exception {
    Map<String, Map<String, String>> all = new HashMap<>();
    try (var files = Files.newDirectoryStream(CONF, "spark-*.conf")) {
      for (Path file : files) {
        all.put(file.getFileName().toString(), properties(file));
      }
    }
    assertThat(all).hasSizeGreaterThanOrEqualTo(4);
    all.put("cluster.json", cluster(json("cluster.json")));
    all.put("job.json", cluster(jobCluster()));
    return all;
  }

  @Test
  void optionsAreThoseOfTheConnectorAndTheirValuesAreRight() throws Exception {
    all()
        .forEach(
            (file, conf) -> {
              assertThat(conf.keySet()).as(file).allMatch(key -> key.startsWith("spark."));
              assertThatCode(() -> OptionValues.resolve(Map.of("model", "demo"), conf))
                  .as(file)
                  .doesNotThrowAnyException();
              conf.keySet().stream()
                  .filter(key -> key.startsWith(OptionKey.CONF_PREFIX))
                  .map(key -> key.substring(OptionKey.CONF_PREFIX.length()))
                  .forEach(name -> assertThat(OptionKey.of(name).optionName()).isEqualTo(name));
            });
  }

  @Test
  void classesAreInTheJar() throws Exception {
    List<String> found = new ArrayList<>();
    for (Map<String, String> conf : all().values()) {
      for (String value : conf.values()) {
        Matcher named = OUR_CLASS.matcher(value);
        while (named.find()) {
          found.add(named.group());
        }
      }
    }
    found.add(json("job.json").at("/tasks/0/spark_jar_task/main_class_name").asText());
    assertThat(found).hasSizeGreaterThan(10);
    for (String name : found) {
      assertThatCode(() -> Class.forName(name, false, GptOssEngine.class.getClassLoader()))
          .as(name)
          .doesNotThrowAnyException();
    }
  }

  /** Each has all lines without which the engine is slow, or SQL does not know the functions. */
  @Test
  void everyFileHasWhatTheConnectorNeeds() throws Exception {
    all()
        .forEach(
            (file, conf) ->
                assertThat(conf)
                    .as(file)
                    .hasEntrySatisfying(
                        "spark.sql.extensions", v -> assertThat(v).contains("GptOss"))
                    .hasEntrySatisfying(
                        "spark.executor.extraJavaOptions",
                        v -> assertThat(v).contains("--add-modules=jdk.incubator.vector"))
                    .containsEntry(
                        "spark.sql.catalog.gptoss", "io.github.gptoss.spark.GptOssCatalog"));
  }

  /** By their names in the configuration, and in the options of a view or a reader. */
  @Test
  void everyFileHidesWhatMayBeAPromptOrASecret() throws Exception {
    all()
        .forEach(
            (file, conf) -> {
              Pattern keys = Pattern.compile(conf.get("spark.redaction.regex"));
              Pattern options = Pattern.compile(conf.get("spark.sql.redaction.options.regex"));
              for (OptionKey key : OptionKey.values()) {
                String name = key.optionName();
                String camel =
                    Pattern.compile("_(.)")
                        .matcher(name)
                        .replaceAll(letter -> letter.group(1).toUpperCase(Locale.ROOT));
                for (String spelling : List.of(name, camel)) {
                  boolean holdsToken = name.contains("token");
                  // Of a view's options, Spark hides those with a token in their names by itself.
                  boolean isHidden = key.holdsText() || (key.isSecret() && !holdsToken);
                  assertThat(keys.matcher(OptionKey.CONF_PREFIX + spelling).find())
                      .as(file + " " + spelling)
                      .isEqualTo(isHidden || holdsToken);
                  assertThat(options.matcher(spelling).find())
                      .as(file + " " + spelling)
                      .isEqualTo(isHidden);
                }
              }
            });
  }

  @Test
  void aGpusTasksShareIt() throws Exception {
    all()
        .forEach(
            (file, conf) -> {
              String share = conf.get("spark.task.resource.gpu.amount");
              String cores = conf.get("spark.executor.cores");
              if (cores != null) {
                assertThat(Double.parseDouble(share) * Integer.parseInt(cores))
                    .as(file)
                    .isEqualTo(1);
              }
            });
  }

  @Test
  void databricksClustersAreOfOneKindAndOfDedicatedAccess() throws Exception {
    JsonNode cluster = json("cluster.json");
    assertThat(cluster.get("data_security_mode").asText())
        .isEqualTo("DATA_SECURITY_MODE_DEDICATED");
    jobCluster()
        .properties()
        .forEach(e -> assertThat(cluster.get(e.getKey())).isEqualTo(e.getValue()));
    assertThat(json("job.json").at("/tasks/0/spark_submit_task").isMissingNode()).isTrue();
  }

  @Test
  void theInitScriptCopiesTheJarOrSaysWhatIsMissing() throws Exception {
    Path jar = Files.writeString(folder.resolve("some.jar"), "jar");
    assertThat(init(jar)).isZero();
    assertThat(folder.resolve("gptoss-spark.jar")).hasContent("jar");
    assertThat(init(folder.resolve("none.jar"))).isEqualTo(1);
    assertThat(folder.resolve("err")).content().contains("none.jar", "GPTOSS_JAR");
  }

  private int init(Path jar) throws Exception {
    ProcessBuilder script =
        new ProcessBuilder("bash", DATABRICKS.resolve("init.sh").toString())
            .redirectError(folder.resolve("err").toFile());
    script.environment().put("GPTOSS_JAR", jar.toString());
    script.environment().put("GPTOSS_JARS_FOLDER", folder.toString());
    return script.start().waitFor();
  }
}
