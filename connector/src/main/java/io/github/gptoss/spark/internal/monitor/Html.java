package io.github.gptoss.spark.internal.monitor;

import scala.xml.Utility;

/** Pieces of a page. */
final class Html {
  private Html() {}

  /** Text as it is to be read, whatever is in it; also for attributes in double quotes. */
  static String escape(String text) {
    return Utility.escape(text);
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
