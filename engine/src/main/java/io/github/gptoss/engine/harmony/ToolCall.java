package io.github.gptoss.engine.harmony;

/**
 * A call that the model made.
 *
 * @param id unique within one completion; the same completion gives the same ids
 * @param name without the {@code functions.} prefix; other namespaces stay, as in {@code
 *     browser.search}
 * @param arguments as the model wrote them, usually JSON; not checked
 */
public record ToolCall(String id, String name, String arguments) {}
