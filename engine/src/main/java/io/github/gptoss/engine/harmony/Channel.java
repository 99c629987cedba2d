package io.github.gptoss.engine.harmony;

import java.util.List;

/** The channels that the gpt-oss models were trained on; other names render and parse as well. */
public final class Channel {
  /** Reasoning; not meant for the user. */
  public static final String ANALYSIS = "analysis";

  /** Calls of function tools, and what the model says about them beforehand. */
  public static final String COMMENTARY = "commentary";

  /** The answer. */
  public static final String FINAL = "final";

  static final List<String> KNOWN = List.of(ANALYSIS, COMMENTARY, FINAL);

  private Channel() {}

  static boolean isKnown(String name) {
    return KNOWN.contains(name);
  }
}
