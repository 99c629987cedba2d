package io.github.gptoss.engine.harmony;

/**
 * A call that the model made.
 *
 * @param id as {@link CallIds} makes it
 * @param name without the {@code functions.} prefix; other namespaces stay, as in {@code
 *     browser.search}
 * @param arguments as the model wrote them, usually JSON; not checked
 */
public record ToolCall(String id, String name, String arguments) {
  private static final String FUNCTION_PREFIX = ToolNamespace.FUNCTIONS + ".";

  /** The name that a call of this recipient has, such as {@code functions.get_weather}. */
  public static String nameOf(String recipient) {
    return recipient.startsWith(FUNCTION_PREFIX)
        ? recipient.substring(FUNCTION_PREFIX.length())
        : recipient;
  }
}
