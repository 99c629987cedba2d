package io.github.gptoss.spark.internal.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.gptoss.engine.Usage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  @TempDir Path folder;

  @Test
  void aPageLoadsNothingAndRunsNothing() {
    String page = HtmlReport.render(Figures.many(1000, 90).report());
    assertThat(page)
        .contains("default-src 'none'")
        .doesNotContain("<script", "src=", "href=", "@import", "url(");
    Matcher address = Pattern.compile("https?:").matcher(page);
    assertThat(address.find()).isFalse();
  }

  @Test
  void textsAreEscaped() {
    assertThat(HtmlReport.render(Figures.none().report()))
        .contains("/data/&lt;b&gt;&amp;&quot;|*.json")
        .doesNotContain("<b>&");
    assertThat(MarkdownReport.render(Figures.none().report()))
        .contains("/data/&lt;b&gt;&amp;&quot;\\|\\*.json");
  }

  @Test
  void tellsTotalsPercentilesErrorsAndHowItWasMade() {
    CompletionSketches completions = CompletionSketches.empty();
    for (int tokens = 1; tokens <= 100; tokens++) {
      completions.add(new Usage(1000 + tokens, tokens, 0, 0), false);
      completions.addGenerated(tokens, Figures.START.toEpochMilli() + 10L * tokens);
    }
    RunFigures figures = Figures.of(completions, 2, 102, Map.of("null_prompt", 2L));
    for (String report :
        List.of(HtmlReport.render(figures.report()), MarkdownReport.render(figures.report()))) {
      assertThat(text(report))
          .contains("complete")
          .contains("2026-01-02T03:04:05Z")
          .contains("completion 100 1 10 50 90 99 100 50.5 5,050")
          .contains("null_prompt 2 100%")
          .contains("stop 100 98.0%")
          .contains("max_tokens 64")
          .contains("java 17")
          .contains("2,525");
    }
    assertThat(HtmlReport.render(figures.report())).contains("<svg", "aria-label=\"Throughput\"");
    assertThat(MarkdownReport.render(figures.report())).contains("## Throughput");
  }

  private static String text(String report) {
    return report
        .replaceAll("<title>[^<]*</title>", "")
        .replaceAll("<[^>]*>|[|\\\\]", " ")
        .replaceAll("\\s+", " ");
  }

  @Test
  void aRunWithoutRowsHasAReport() {
    assertThat(HtmlReport.render(Figures.none().report()))
        .contains("none")
        .doesNotContain("<svg", "NaN");
    assertThat(MarkdownReport.render(Figures.none().report()))
        .contains("none")
        .doesNotContain("NaN");
  }

  @Test
  void chartsShowEveryRowOnceInAFewBars() {
    for (int rows : new int[] {1, 2, 10, 10_000}) {
      CompletionSketches sketches = Figures.many(rows, 100).completions();
      for (LengthSketch lengths : List.of(sketches.inputTokens(), sketches.outputTokens())) {
        Chart chart = Chart.ofLengths("tokens", lengths);
        assertThat(chart.bars()).hasSizeBetween(1, 90);
        assertThat(chart.bars().stream().mapToDouble(Chart.Bar::height).sum()).isEqualTo(rows);
        assertThat(chart.start()).isLessThanOrEqualTo(lengths.min());
      }
    }
  }

  @Test
  void aFewFarLengthsShareTheLastBar() {
    LengthSketch lengths = new LengthSketch();
    for (int i = 0; i < 1000; i++) {
      lengths.add(100 + i % 50);
    }
    lengths.add(100_000);
    Chart chart = Chart.ofLengths("tokens", lengths);
    assertThat(chart.isOpenEnded()).isTrue();
    assertThat(chart.bars()).hasSizeLessThan(40);
    assertThat(chart.bars().get(chart.bars().size() - 1).height()).isEqualTo(1);
    assertThat(SvgChart.draw(chart, "lengths", 720, 240)).contains("class=\"rest\"", "and more");
  }

  @Test
  void chartsStayInsideTheirFrame() {
    for (double seconds : new double[] {0.05, 3, 100, 5_000, 100_000}) {
      RunFigures figures = Figures.many(500, seconds);
      String svg = SvgChart.draw(Chart.ofThroughput(figures), "t", 720, 240);
      Matcher bar =
          Pattern.compile(
                  "<rect [^>]*x=\"([^\"]+)\" y=\"([^\"]+)\" width=\"([^\"]+)\" height=\"([^\"]+)\"")
              .matcher(svg);
      int bars = 0;
      while (bar.find()) {
        bars++;
        assertThat(Double.parseDouble(bar.group(1)) + Double.parseDouble(bar.group(3)))
            .isBetween(0.0, 720.0);
        assertThat(Double.parseDouble(bar.group(2))).isBetween(0.0, 240.0);
        assertThat(Double.parseDouble(bar.group(4))).isBetween(0.0, 240.0);
      }
      assertThat(bars).isPositive();
    }
  }

  @Test
  void aRunThatGeneratedNothingHasNoThroughput() {
    CompletionSketches resumed = CompletionSketches.empty();
    resumed.add(new Usage(10, 20, 5, 0), false);
    RunFigures figures = Figures.of(resumed, 600, 1, Map.of());
    assertThat(Chart.ofThroughput(figures)).isNull();
    assertThat(HtmlReport.render(figures.report())).doesNotContain("NaN");
    resumed.addGenerated(20, Figures.START.toEpochMilli() + 400_000);
    assertThat(Chart.ofThroughput(Figures.of(resumed, 600, 1, Map.of())).bars().size())
        .isLessThan(50);
  }

  @Test
  void anAccumulatorMergesWhatTasksCounted() {
    CompletionAccumulator all = new CompletionAccumulator();
    for (int task = 1; task <= 2; task++) {
      CompletionAccumulator part = all.copy();
      part.reset();
      assertThat(part.isZero()).isTrue();
      part.add(new CompletionAccumulator.Completed(new Usage(10 * task, task, 0, 0), false));
      all.merge(part);
    }
    assertThat(all.value().outputTokens().max()).isEqualTo(2);
    assertThat(all.value().inputTokens().sum()).isEqualTo(30);
    assertThat(all.value().outputTokens().count()).isEqualTo(2);
    assertThat(all.value().reasoningTokens().mean()).isCloseTo(0, within(0.0));
    assertThat(all.value().toString()).hasSizeLessThan(300);
  }

  @Test
  void filesAreNamedByTimeAndRun() throws Exception {
    String page =
        ReportFiles.write(
            folder.resolve("reports").toString(),
            "gptoss",
            Figures.START,
            Figures.none().runId(),
            Figures.none().report(),
            new Configuration(false));
    assertThat(page).endsWith("/reports/gptoss-2026-01-02T03-04-05Z-01234567.html");
    assertThat(folder.resolve("reports/gptoss-2026-01-02T03-04-05Z-01234567.md"))
        .content()
        .startsWith("# gptoss-spark run");
    assertThat(
            Files.readString(folder.resolve("reports/gptoss-2026-01-02T03-04-05Z-01234567.html")))
        .endsWith("</html>\n");
  }
}
