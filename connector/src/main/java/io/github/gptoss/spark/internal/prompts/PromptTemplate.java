package io.github.gptoss.spark.internal.prompts;

import io.github.gptoss.spark.internal.options.OptionKey;
import java.util.ArrayList;
import java.util.List;

/**
 * A prompt with columns, or other values, in braces. <code>{name}</code> is a column; <code>{{
 * </code> and <code>}}
 * </code> are literal braces.
 *
 * @param parts in order
 */
public record PromptTemplate(List<Part> parts) {
  /** Literal text, or the name of a column. */
  public record Part(String text, boolean isColumn) {}

  /** Reads option {@code prompt_template}, on the terms of the other method. */
  public static PromptTemplate parse(String template) {
    return parse(OptionKey.PROMPT_TEMPLATE, template);
  }

  /**
   * Reads a template.
   *
   * @param option whose value it is
   * @throws io.github.gptoss.engine.error.InvalidConfigException if braces do not match or a name
   *     is empty; says at which character
   */
  public static PromptTemplate parse(OptionKey option, String template) {
    List<Part> parts = new ArrayList<>();
    StringBuilder literal = new StringBuilder();
    int at = 0;
    while (at < template.length()) {
      char c = template.charAt(at);
      boolean doubled = at + 1 < template.length() && template.charAt(at + 1) == c;
      if ((c == '{' || c == '}') && doubled) {
        literal.append(c);
        at += 2;
      } else if (c == '}') {
        throw SchemaErrors.strayBrace(option, at);
      } else if (c == '{') {
        int end = template.indexOf('}', at);
        String name = end < 0 ? "" : template.substring(at + 1, end);
        if (name.isBlank() || name.indexOf('{') >= 0) {
          throw SchemaErrors.unclosedBrace(option, at);
        }
        if (!literal.isEmpty()) {
          parts.add(new Part(literal.toString(), false));
          literal.setLength(0);
        }
        parts.add(new Part(name.strip(), true));
        at = end + 1;
      } else {
        literal.append(c);
        at++;
      }
    }
    if (!literal.isEmpty()) {
      parts.add(new Part(literal.toString(), false));
    }
    return new PromptTemplate(List.copyOf(parts));
  }
}
