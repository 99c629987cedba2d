package io.github.gptoss.spark.internal.source.openai;

import java.util.Map;

/**
 * What a body asks, in the connector's terms.
 *
 * @param messages message JSON
 * @param parameters values of options by name
 */
record RequestBody(String messages, Map<String, String> parameters) {
  /** Reads a body of one endpoint. */
  @FunctionalInterface
  interface Reader {
    /**
     * @throws io.github.gptoss.engine.error.InvalidRequestException if it cannot be served as it is
     */
    RequestBody read(BodyFields body);
  }
}
