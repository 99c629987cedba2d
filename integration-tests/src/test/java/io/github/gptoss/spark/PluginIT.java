package io.github.gptoss.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.spark.internal.engine.EngineRegistry;
import io.github.gptoss.spark.internal.engine.Engines;
import io.github.gptoss.spark.internal.job.JobHelp;
import java.io.IOException;
import java.io.Reader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.apache.spark.SparkEnv;
import org.apache.spark.metrics.source.Source;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

class PluginIT {
  private static final String SOURCE = "plugin." + GptOssPlugin.class.getName();

  private SparkSession spark;

  @AfterEach
  void stop() {
    if (spark != null) {
      spark.stop();
    }
    Engines.close();
  }

  private static SparkSession.Builder withPlugin() {
    return Sessions.builder("local[2]").config("spark.plugins", GptOssPlugin.class.getName());
  }

  private static <T> T await(Callable<T> value, Predicate<T> isThere) throws Exception {
    Instant end = Instant.now().plus(Duration.ofSeconds(60));
    while (true) {
      T now = value.call();
      if (isThere.test(now)) {
        return now;
      }
      assertThat(Instant.now()).as("waiting, and there is only %s", now).isBefore(end);
      Engines.pause();
    }
  }

  private String get(String path) throws IOException, InterruptedException {
    HttpResponse<String> response =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build()
            .send(
                HttpRequest.newBuilder(URI.create(spark.sparkContext().uiWebUrl().get() + path))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(200);
    return response.body();
  }

  /** Of the driver's registry. */
  private static double gauge(String name) {
    for (Source source :
        CollectionConverters.asJava(SparkEnv.get().metricsSystem().getSourcesByName(SOURCE))) {
      var gauge = source.metricRegistry().getGauges().get(name);
      if (gauge != null) {
        return ((Number) gauge.getValue()).doubleValue();
      }
    }
    throw new AssertionError("no metric " + name);
  }

  /** What conf/ says. */
  private static String shipped(String key) throws IOException {
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(Sessions.ROOT.resolve("conf/spark-defaults.conf"))) {
      properties.load(in);
    }
    return properties.getProperty(key);
  }

  /** What conf/grafana-dashboard.json shows. */
  private static List<String> dashboardsMetrics() throws IOException {
    String dashboard = Files.readString(Sessions.ROOT.resolve("conf/grafana-dashboard.json"));
    List<String> metrics =
        Pattern.compile("metrics_(?:\\w|\\$\\{\\w+})+_Value")
            .matcher(dashboard)
            .results()
            .map(metric -> metric.group().replace("${namespace}", "gptoss"))
            .distinct()
            .toList();
    assertThat(metrics).hasSizeGreaterThan(10);
    return metrics;
  }

  @Test
  void theModelIsThereBeforeAnyTaskAndTabAndMetricsSayWhatTasksDid() throws Exception {
    spark =
        withPlugin()
            .config("spark.redaction.regex", shipped("spark.redaction.regex"))
            .config("spark.ui.enabled", "true")
            .config("spark.ui.port", "0")
            .config("spark.gptoss.model", "demo")
            .config("spark.gptoss.developer_prompt", "a secret instruction")
            .config("spark.gptoss.maxTokens", "40")
            .config(
                "spark.metrics.conf.*.sink.prometheusServlet.class",
                "org.apache.spark.metrics.sink.PrometheusServlet")
            .config("spark.metrics.conf.*.sink.prometheusServlet.path", "/metrics/prometheus")
            .config("spark.metrics.namespace", "gptoss")
            .getOrCreate();
    await(() -> EngineRegistry.shared().opened().isPresent(), there -> there);
    await(() -> gauge("executors.ready"), ready -> ready == 1);
    var preloaded = EngineRegistry.shared().opened().orElseThrow();

    GptOss.complete(
            spark
                .range(0, 40, 1, 2)
                .selectExpr("CASE WHEN id > 0 THEN concat('What is 2 + ', id % 4, '?') END prompt"),
            GptOssOptions.create())
        .collectAsList();

    assertThat(EngineRegistry.shared().opened()).containsSame(preloaded);
    await(() -> gauge("total.rows"), rows -> rows == 40);
    assertThat(gauge("total.errors")).isEqualTo(1);
    assertThat(gauge("total.deduplicated")).isEqualTo(35);
    assertThat(gauge("total.resumed")).isZero();
    await(() -> gauge("total.generatedTokens"), tokens -> tokens > 3);
    assertThat(gauge("total.promptTokens")).isPositive();
    assertThat(gauge("total.kvTotalBytes")).isPositive();

    String page = get("/gptoss/");
    assertThat(page)
        .contains("<strong>Executors:</strong> 1 executor ready")
        .contains("40 completed, 1 errors, 35 deduplicated, 0 resumed")
        .contains("developer_prompt, max_tokens=40")
        .contains("<svg", "/SQL/")
        .contains("navbar")
        .doesNotContain("secret instruction", "What is 2");
    assertThat(get("/gptoss/?refresh=true")).contains("http-equiv=\"refresh\"");
    assertThat(get("/jobs/")).contains("gpt-oss");
    assertThat(get("/environment/")).doesNotContain("plugins.internal", "secret instruction");
    assertThat(get("/api/v1/applications/" + spark.sparkContext().applicationId() + "/environment"))
        .contains("spark.gptoss.developer_prompt")
        .doesNotContain("secret instruction");
    String prometheus = get("/metrics/prometheus/");
    assertThat(prometheus)
        .containsPattern(
            "driver_plugin_io_github_gptoss_spark_GptOssPlugin_total_rows_Value.* 40\n")
        .contains(dashboardsMetrics());
  }

  @Test
  void aWrongConfigurationKeepsTheApplicationFromStarting() {
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> withPlugin().config("spark.gptoss.modle", "demo").getOrCreate())
        .withMessageContaining("did you mean 'model'?");
  }

  @Test
  void aModelThatCannotBePreloadedStopsNothingButTheTasksThatNeedIt() throws Exception {
    spark =
        withPlugin()
            .config("spark.gptoss.model", "demo")
            .config("spark.gptoss.max_model_len", "1073741824")
            .getOrCreate();
    await(() -> gauge("executors.failed"), failed -> failed == 1);
    assertThat(spark.range(3).count()).isEqualTo(3);
    assertThatExceptionOfType(Exception.class)
        .isThrownBy(
            () ->
                GptOss.complete(spark.sql("SELECT 'x' AS prompt"), GptOssOptions.create())
                    .collectAsList())
        .satisfies(
            e ->
                assertThat(JobHelp.knownCause(e))
                    .isInstanceOf(GptOssException.class)
                    .hasMessageContaining("max_position_embeddings"));
  }

  @Test
  void withoutAModelNothingIsPreloadedAndJobsNameTheirs() throws Exception {
    spark = withPlugin().getOrCreate();
    await(() -> gauge("executors.lost"), lost -> lost == 0);
    assertThat(EngineRegistry.shared().opened()).isEmpty();
    GptOss.complete(spark.sql("SELECT 'x' AS prompt"), Sessions.demo().maxTokens(3))
        .collectAsList();
    await(() -> gauge("total.rows"), rows -> rows == 1);
  }
}
