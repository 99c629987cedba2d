package io.github.gptoss.engine.cli;

/**
 * Configures slf4j-simple, before the first logger is made: warnings as short lines on standard
 * error.
 */
final class Logging {
  private static final String PREFIX = "org.slf4j.simpleLogger.";

  private Logging() {}

  static void configure(boolean verbose) {
    set("defaultLogLevel", verbose ? "info" : "warn");
    set("logFile", "System.err");
    set("showThreadName", "false");
    set("showLogName", "false");
    set("showShortLogName", "false");
  }

  private static void set(String name, String value) {
    if (System.getProperty(PREFIX + name) == null) {
      System.setProperty(PREFIX + name, value);
    }
  }
}
