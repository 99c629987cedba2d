package io.github.gptoss.engine.harmony;

import java.util.List;
import java.util.Map;

/**
 * Instructions, tools and answer format; only valid in messages of role {@link Role#DEVELOPER}.
 *
 * @param instructions what other formats call the system prompt; null for none
 * @param tools rendered in the order of their keys; function tools are the namespace {@code
 *     functions}
 * @param responseFormat null for free text
 */
public record DeveloperContent(
    String instructions, Map<String, ToolNamespace> tools, ResponseFormat responseFormat)
    implements Content {

  private static final DeveloperContent EMPTY = new DeveloperContent(null, Map.of(), null);

  public DeveloperContent {
    tools = Map.copyOf(tools);
  }

  public static DeveloperContent empty() {
    return EMPTY;
  }

  public DeveloperContent withInstructions(String text) {
    return new DeveloperContent(text, tools, responseFormat);
  }

  /** Adds a namespace, in place of one of the same name. */
  public DeveloperContent withTools(ToolNamespace namespace) {
    return new DeveloperContent(
        instructions, ToolNamespace.added(tools, namespace), responseFormat);
  }

  public DeveloperContent withFunctionTools(List<ToolDescription> functions) {
    return withTools(ToolNamespace.functions(functions));
  }

  public DeveloperContent withResponseFormat(ResponseFormat format) {
    return new DeveloperContent(instructions, tools, format);
  }

  boolean hasFunctionTools() {
    ToolNamespace functions = tools.get(ToolNamespace.FUNCTIONS);
    return functions != null && !functions.tools().isEmpty();
  }
}
