package io.github.gptoss.spark.internal.monitor;

import io.github.gptoss.spark.internal.options.OptionValues;
import java.util.Optional;
import org.apache.spark.ui.SparkUI;
import org.apache.spark.ui.SparkUITab;

/** The tab "gpt-oss" of Spark's UI. */
final class GptOssTab extends SparkUITab {
  private static final String PATH = "gptoss";

  private GptOssTab(SparkUI ui) {
    super(ui, PATH);
  }

  static void attach(SparkUI ui, ExecutorTable table, Optional<OptionValues> options) {
    GptOssTab tab = new GptOssTab(ui);
    tab.attachPage(new GptOssPage(tab, table, options));
    ui.attachTab(tab);
  }

  @Override
  public String name() {
    return "gpt-oss";
  }
}
