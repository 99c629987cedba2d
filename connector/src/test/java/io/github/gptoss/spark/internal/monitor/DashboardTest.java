package io.github.gptoss.spark.internal.monitor;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.spark.GptOssPlugin;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** conf/grafana-dashboard.json shows the driver's gauges, as PrometheusServlet names them. */
class DashboardTest {
  private static final int COLUMNS = 24;
  private static final Pattern METRIC = Pattern.compile("metrics_(?:\\w|\\$\\{\\w+})+");

  private static JsonNode dashboard;

  @BeforeAll
  static void read() throws Exception {
    dashboard =
        new ObjectMapper()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .readTree(Path.of("../conf/grafana-dashboard.json").toFile());
  }

  private static Set<String> registered() {
    return ReportMetrics.ofDriver(() -> null).keySet().stream()
        .map(name -> "driver.plugin." + GptOssPlugin.class.getName() + "." + name)
        .map(name -> "metrics_${namespace}_" + name.replaceAll("[^a-zA-Z0-9]", "_") + "_Value")
        .collect(toSet());
  }

  private static List<String> expressions() {
    List<String> expressions = new ArrayList<>();
    for (JsonNode panel : dashboard.get("panels")) {
      assertThat(panel.get("targets")).as(panel.get("title").asText()).isNotEmpty();
      panel.get("targets").forEach(target -> expressions.add(target.get("expr").asText()));
    }
    return expressions;
  }

  private static Set<String> metrics(List<String> texts) {
    Set<String> metrics = new HashSet<>();
    for (String text : texts) {
      Matcher metric = METRIC.matcher(text);
      assertThat(metric.find()).as(text).isTrue();
      do {
        metrics.add(metric.group());
      } while (metric.find());
    }
    return metrics;
  }

  @Test
  void itShowsTheDriversGaugesAndAllOfThem() {
    assertThat(metrics(expressions())).isEqualTo(registered());
  }

  @Test
  void itsVariablesAreThoseThatExpressionsUse() {
    List<String> queries = new ArrayList<>();
    Set<String> variables = new HashSet<>(Set.of("__rate_interval"));
    for (JsonNode variable : dashboard.at("/templating/list")) {
      variables.add(variable.get("name").asText());
      if (variable.get("type").asText().equals("query")) {
        queries.add(variable.at("/query/query").asText());
      }
    }
    assertThat(registered()).containsAll(metrics(queries));
    Set<String> used = new HashSet<>();
    Matcher use = Pattern.compile("\\$\\{?(\\w+)").matcher(dashboard.toString());
    while (use.find()) {
      used.add(use.group(1));
    }
    used.remove("__all");
    assertThat(used).isEqualTo(variables);
  }

  @Test
  void everyPanelHasItsPlaceAndTakesTheChosenDataSource() {
    Set<Integer> ids = new HashSet<>();
    Set<List<Integer>> cells = new HashSet<>();
    for (JsonNode panel : dashboard.get("panels")) {
      assertThat(ids.add(panel.get("id").asInt())).isTrue();
      assertThat(panel.get("description").asText()).endsWith(".");
      List<JsonNode> sources = new ArrayList<>(List.of(panel.get("datasource")));
      panel.get("targets").forEach(target -> sources.add(target.get("datasource")));
      assertThat(sources).allMatch(s -> s.get("uid").asText().equals("${datasource}"));
      JsonNode place = panel.get("gridPos");
      for (int x = 0; x < place.get("w").asInt(); x++) {
        for (int y = 0; y < place.get("h").asInt(); y++) {
          int column = place.get("x").asInt() + x;
          assertThat(column).isLessThan(COLUMNS);
          assertThat(cells.add(List.of(column, place.get("y").asInt() + y)))
              .as("%s overlaps another panel", panel.get("title"))
              .isTrue();
        }
      }
    }
  }
}
