package io.github.gptoss.spark.internal.tools;

import java.io.Serializable;
import java.util.HashMap;

/**
 * What the tables that tools answer from hold; travels to executors.
 *
 * @param lookups by function
 * @param pages null where there is no browser
 */
public record ToolData(HashMap<String, LookupRows> lookups, Pages pages) implements Serializable {
  /** No table. */
  public static final ToolData NONE = new ToolData(new HashMap<>(), null);
}
