package io.github.gptoss.spark.internal.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.spark.internal.options.OptionValues;
import java.io.StringReader;
import java.util.Map;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class PageContentTest {
  private static final String HOSTILE = "<script>alert('1')</script> \"&\u0000\u001b";

  private final ExecutorTable table = new ExecutorTable();

  private String html(Map<String, String> options, long afterMillis) {
    return PageContent.html(
        table.rows(),
        table.totals(),
        options.isEmpty() ? Optional.empty() : Optional.of(OptionValues.resolve(options, Map.of())),
        "/SQL/",
        false,
        System.currentTimeMillis() + afterMillis);
  }

  private static Document parsed(String html) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(html)));
  }

  @Test
  void nothingThatAnExecutorSaysBecomesMarkup() throws Exception {
    table.report(Reports.failed("1", HOSTILE));
    table.report(Reports.ready(HOSTILE, 1, 0.5));
    table.onExecutorRemoved(new SparkListenerExecutorRemoved(0, "2", HOSTILE));
    String html = html(Map.of("model", HOSTILE, "system_prompt", HOSTILE), 0);
    Document page = parsed(html);
    assertThat(page.getElementsByTagName("script").getLength()).isZero();
    assertThat(page.getElementsByTagName("tbody").item(0).getChildNodes().getLength()).isEqualTo(3);
    assertThat(html).contains("&lt;script&gt;alert('1')&lt;/script&gt; &quot;&amp;");
  }

  @Test
  void textsOfOptionsAreNeverShown() {
    String html =
        html(
            Map.of(
                "model", "demo", "developer_prompt", "my prompt", "hf_token", "hf_x", "top_k", "5"),
            0);
    assertThat(html)
        .contains("hf_token, developer_prompt, top_k=5")
        .doesNotContain("my prompt", "hf_x");
  }

  @Test
  void saysHowFarACopyIsWhatFailedWhoIsSilentAndWhoIsLost() {
    table.report(Reports.copying("1"));
    table.report(Reports.failed("2", "no such folder"));
    table.report(Reports.ready("3", 12345, 0.5));
    table.onExecutorRemoved(new SparkListenerExecutorRemoved(0, "4", "killed"));
    assertThat(html(Map.of(), 0))
        .contains("3.0 GiB of 13.0 GiB", "no such folder", "loaded in 1.3 s", "killed", "12,345")
        .contains("1 executor ready, 1 loading, 1 failed, 1 lost")
        .contains("GPU 2", "25% of 4 MiB", "no model is set")
        .doesNotContain("silent");
    assertThat(html(Map.of(), 60_000)).contains("silent for 60 s");
  }

  @Test
  void aCurveStaysInsideItsBoxWhateverItsValues() throws Exception {
    assertThat(parsed(Sparkline.svg(new double[0], 1))).isNotNull();
    assertThat(Sparkline.svg(new double[] {0, 0}, 0)).contains("points=\"0.0,25.0 120.0,25.0\"");
    assertThat(Sparkline.svg(new double[] {0, 5, 10}, 0))
        .contains("points=\"0.0,25.0 60.0,13.0 120.0,1.0\"");
    assertThat(Sparkline.svg(new double[] {7}, 1)).contains("points=\"120.0,1.0\"");
  }
}
