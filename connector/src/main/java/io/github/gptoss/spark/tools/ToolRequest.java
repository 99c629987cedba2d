package io.github.gptoss.spark.tools;

import java.util.List;
import java.util.Objects;

/**
 * A call that the model made.
 *
 * @param id of the call; the same when the same row is generated again
 * @param function without the prefix {@code functions.}, for instance {@code get_weather}; built-in
 *     tools have their full names, such as {@code browser.search} and {@code python}
 * @param arguments as the model wrote them: JSON where it kept to the function's schema, plain code
 *     for {@code python}. Not to be trusted.
 * @param earlier the calls of the same row that gave a value before, in their order, without those
 *     that failed or took too long; their own {@code earlier} is empty
 */
public record ToolRequest(String id, String function, String arguments, List<ToolRequest> earlier) {
  public ToolRequest {
    Objects.requireNonNull(function, "function");
    Objects.requireNonNull(arguments, "arguments");
    earlier = List.copyOf(earlier);
  }
}
