package io.github.gptoss.cli;

import java.util.List;

/**
 * Text that is printed as it grows, but for an end that may turn out to begin a stop string, which
 * the answer does not include.
 */
final class HeldBackText {
  private final List<String> stop;
  private final StringBuilder text = new StringBuilder();
  private int printed;

  HeldBackText(List<String> stop) {
    this.stop = stop;
  }

  /** What can be printed once this is added. */
  String add(String more) {
    text.append(more);
    int to = Math.max(printed, safeLength());
    String out = text.substring(printed, to);
    printed = to;
    return out;
  }

  /** What is left to print of the whole answer; all of it again if it is not what was streamed. */
  String rest(String answer) {
    String shown = text.substring(0, printed);
    return answer.startsWith(shown) ? answer.substring(printed) : "\n" + answer;
  }

  private int safeLength() {
    int safe = text.length();
    for (String s : stop) {
      int from = Math.max(0, printed - s.length() + 1);
      int at = text.indexOf(s, from);
      safe = Math.min(safe, at >= 0 ? at : text.length() - partialEnd(s));
    }
    return safe;
  }

  /** Characters at the end of the text that are a proper beginning of a string. */
  private int partialEnd(String s) {
    for (int length = Math.min(s.length() - 1, text.length()); length > 0; length--) {
      if (text.indexOf(s.substring(0, length), text.length() - length) >= 0) {
        return length;
      }
    }
    return 0;
  }
}
