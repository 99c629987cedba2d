package io.github.gptoss.spark.internal.tools;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where tools log; what models and tools say is never in it. */
final class ToolLog {
  static final Logger LOG = LoggerFactory.getLogger("io.github.gptoss.spark.tools");

  private ToolLog() {}
}
