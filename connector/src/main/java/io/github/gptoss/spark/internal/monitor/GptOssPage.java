package io.github.gptoss.spark.internal.monitor;

import io.github.gptoss.spark.internal.options.OptionValues;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;
import org.apache.spark.ui.SparkUITab;
import org.apache.spark.ui.UIUtils;
import org.apache.spark.ui.WebUIPage;
import scala.collection.immutable.Seq;
import scala.xml.Node;

/** The tab's page: rendered anew for every request, from what executors have reported. */
final class GptOssPage extends WebUIPage {
  private final SparkUITab tab;
  private final ExecutorTable table;
  private final Optional<OptionValues> options;

  GptOssPage(SparkUITab tab, ExecutorTable table, Optional<OptionValues> options) {
    super("");
    this.tab = tab;
    this.table = table;
    this.options = options;
  }

  @Override
  public Seq<Node> render(HttpServletRequest request) {
    String sqlTab = UIUtils.prependBaseUri(request, "/SQL/", "");
    boolean refreshes = request.getParameter("refresh") != null;
    return SparkPage.around(
        request,
        "gpt-oss engines",
        PageContent.html(
            table.rows(), table.totals(), options, sqlTab, refreshes, System.currentTimeMillis()),
        tab);
  }
}
