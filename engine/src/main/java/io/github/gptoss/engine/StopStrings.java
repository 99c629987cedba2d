package io.github.gptoss.engine;

import java.util.List;

/** Looks for strings that end an answer while the answer grows. */
final class StopStrings {
  private final List<String> stops;
  private final int longest;
  private final StringBuilder text = new StringBuilder();
  private int foundAt = -1;

  StopStrings(List<String> stops) {
    this.stops = stops;
    longest = stops.stream().mapToInt(String::length).max().orElse(0);
  }

  boolean isEmpty() {
    return stops.isEmpty();
  }

  /** Looks again where new text may have completed a stop string. */
  void append(CharSequence delta) {
    if (stops.isEmpty() || found()) {
      return;
    }
    int from = Math.max(0, text.length() - longest + 1);
    text.append(delta);
    for (String stop : stops) {
      int at = text.indexOf(stop, from);
      if (at >= 0 && (foundAt < 0 || at < foundAt)) {
        foundAt = at;
      }
    }
  }

  /** Forgets the text so far. */
  void restart() {
    text.setLength(0);
  }

  boolean hasText() {
    return text.length() > 0;
  }

  boolean found() {
    return foundAt >= 0;
  }

  String textBefore() {
    return text.substring(0, foundAt);
  }
}
