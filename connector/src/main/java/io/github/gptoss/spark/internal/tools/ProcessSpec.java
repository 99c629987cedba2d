package io.github.gptoss.spark.internal.tools;

import java.util.List;
import java.util.Map;

/**
 * A command that answers calls.
 *
 * @param command program and arguments; no shell reads them
 * @param environment all that it sees of one, beside PATH
 * @param description of the built-in tool {@code python}, in the place of the one that the models
 *     were trained with; null for that one
 * @param maxBytes of its output
 */
record ProcessSpec(
    List<String> command, Map<String, String> environment, String description, int maxBytes) {
  static ProcessSpec of(Settings settings) {
    settings.allow("command", "env", "description", "max_bytes");
    return new ProcessSpec(
        settings.texts("command", "a list of strings, the program and its arguments"),
        settings.textsByName("env"),
        settings.textOr("description", null),
        settings.positive("max_bytes", ToolOptions.MAX_BYTES, ToolOptions.MOST_BYTES));
  }
}
