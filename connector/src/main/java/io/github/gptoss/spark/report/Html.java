package io.github.gptoss.spark.report;

/** Text in HTML. */
final class Html {
  private Html() {}

  /** For elements and for attributes in double quotes. */
  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
