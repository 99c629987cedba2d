package io.github.gptoss.spark.plugin;

/** Pieces of a page. */
final class Html {
  private Html() {}

  /** Text as it is to be read, whatever is in it. */
  static String escape(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.appendCodePoint(Character.isISOControl(c) ? ' ' : c);
              }
            });
    return escaped.toString();
  }

  static String cell(String text) {
    return "<td>" + escape(text) + "</td>";
  }

  /** A cell with something small below its text. */
  static String cell(String text, String htmlBelow) {
    return "<td>" + escape(text) + "<br/>" + htmlBelow + "</td>";
  }

  static String small(String text) {
    return "<small class=\"text-muted\">" + escape(text) + "</small>";
  }

  static String item(String name, String text) {
    return "<li><strong>" + escape(name) + ":</strong> " + escape(text) + "</li>";
  }
}
