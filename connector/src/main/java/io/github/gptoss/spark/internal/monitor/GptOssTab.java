package io.github.gptoss.spark.internal.monitor;

import io.github.gptoss.spark.internal.options.OptionValues;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;
import org.apache.spark.ui.SparkUI;
import org.apache.spark.ui.SparkUITab;
import org.apache.spark.ui.UIUtils;
import org.apache.spark.ui.WebUIPage;
import scala.collection.immutable.Seq;
import scala.xml.Node;

/** The tab "gpt-oss" of Spark's UI. */
final class GptOssTab extends SparkUITab {
  private static final String PATH = "gptoss";

  private final ExecutorTable table;
  private final Optional<OptionValues> options;

  private GptOssTab(SparkUI ui, ExecutorTable table, Optional<OptionValues> options) {
    super(ui, PATH);
    this.table = table;
    this.options = options;
  }

  static void attach(SparkUI ui, ExecutorTable table, Optional<OptionValues> options) {
    GptOssTab tab = new GptOssTab(ui, table, options);
    tab.attachPage(tab.new Page());
    ui.attachTab(tab);
  }

  @Override
  public String name() {
    return "gpt-oss";
  }

  /** The tab's page: rendered anew for every request, from what executors have reported. */
  private final class Page extends WebUIPage {
    Page() {
      super("");
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
          GptOssTab.this);
    }
  }
}
