package io.github.gptoss.spark.internal.tools;

/**
 * A table of pages for the built-in tool {@code browser}.
 *
 * @param table name of a table or view
 * @param url column of the pages' addresses, which differ
 * @param title column
 * @param text column
 * @param isRanked whether the search ranks pages by BM25; else it finds those with the query in
 *     them
 */
record BrowserSpec(String table, String url, String title, String text, boolean isRanked) {
  static final String WHERE = "tool_browser";

  static BrowserSpec of(Settings settings) {
    settings.allow("table", "url", "title", "text", "search");
    String search = settings.textOr("search", "bm25");
    if (!search.equals("bm25") && !search.equals("like")) {
      throw ToolErrors.setting(settings.where() + ".search", "bm25 or like");
    }
    return new BrowserSpec(
        settings.text("table", "the name of a table or view"),
        settings.textOr("url", "url"),
        settings.textOr("title", "title"),
        settings.textOr("text", "text"),
        search.equals("bm25"));
  }
}
