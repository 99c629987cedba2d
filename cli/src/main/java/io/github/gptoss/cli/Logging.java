package io.github.gptoss.cli;

/**
 * Configures slf4j-simple, before the first logger is made: warnings as short lines on standard
 * error.
 */
final class Logging {
  private static final String PREFIX = "org.slf4j.simpleLogger.";

  private Logging() {}

  /**
   * Sets the levels.
   *
   * @param verbose whether to log all that the engine does, with stack traces
   */
  static void configure(boolean verbose) {
    set("defaultLogLevel", verbose ? "info" : "warn");
    set("logFile", "System.err");
    set("showThreadName", "false");
    set("showLogName", "false");
    set("showShortLogName", "false");
    // Where a GPU's memory goes.
    set("log.io.github.gptoss.engine.backend.cuda.CudaModel", "info");
    if (!verbose) {
      // An engine that dies logs a stack trace, and the exception that reaches us says the same.
      set("log.io.github.gptoss.engine.GptOssEngine", "off");
    }
  }

  private static void set(String name, String value) {
    if (System.getProperty(PREFIX + name) == null) {
      System.setProperty(PREFIX + name, value);
    }
  }
}
