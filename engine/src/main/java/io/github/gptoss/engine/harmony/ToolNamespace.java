package io.github.gptoss.engine.harmony;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Tools under one name; a call goes to {@code namespace.tool}. There are none for a tool that takes
 * plain text, as {@code python} does. The description may be null.
 */
public record ToolNamespace(String name, String description, List<ToolDescription> tools) {
  public static final String FUNCTIONS = "functions";

  public ToolNamespace {
    Objects.requireNonNull(name, "name");
    tools = List.copyOf(tools);
  }

  public static ToolNamespace functions(List<ToolDescription> tools) {
    return new ToolNamespace(FUNCTIONS, null, tools);
  }

  /** The browsing tool that the models were trained with. */
  public static ToolNamespace browser() {
    return BuiltinTools.BROWSER;
  }

  /** The Python tool that the models were trained with. */
  public static ToolNamespace python() {
    return BuiltinTools.PYTHON;
  }

  static Map<String, ToolNamespace> added(
      Map<String, ToolNamespace> tools, ToolNamespace namespace) {
    Map<String, ToolNamespace> all = new TreeMap<>(tools);
    all.put(namespace.name, namespace);
    return all;
  }
}
