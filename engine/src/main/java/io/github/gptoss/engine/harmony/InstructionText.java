package io.github.gptoss.engine.harmony;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** System and developer content as sections of text. Source: openai/harmony, docs/format.md. */
final class InstructionText {
  private InstructionText() {}

  static String of(SystemContent system, boolean hasFunctionTools) {
    List<String> sections = new ArrayList<>();
    List<String> identity = new ArrayList<>();
    if (system.modelIdentity() != null) {
      identity.add(system.modelIdentity());
    }
    if (system.knowledgeCutoff() != null) {
      identity.add("Knowledge cutoff: " + system.knowledgeCutoff());
    }
    if (system.conversationStartDate() != null) {
      identity.add("Current date: " + system.conversationStartDate());
    }
    if (!identity.isEmpty()) {
      sections.add(String.join("\n", identity));
    }
    if (system.reasoningEffort() != null) {
      sections.add("Reasoning: " + system.reasoningEffort().text());
    }
    addTools(system.tools(), sections);
    ChannelConfig channels = system.channelConfig();
    if (channels != null && !channels.validChannels().isEmpty()) {
      sections.add(channelText(channels, hasFunctionTools));
    }
    return String.join("\n\n", sections);
  }

  static String of(DeveloperContent developer) {
    List<String> sections = new ArrayList<>();
    if (developer.instructions() != null) {
      sections.add("# Instructions");
      sections.add(developer.instructions());
    }
    addTools(developer.tools(), sections);
    if (developer.responseFormat() != null) {
      sections.add("# Response Formats");
      sections.add(formatText(developer.responseFormat()));
    }
    return String.join("\n\n", sections);
  }

  private static String channelText(ChannelConfig channels, boolean hasFunctionTools) {
    String text = "# Valid channels: " + String.join(", ", channels.validChannels()) + ".";
    if (channels.channelRequired()) {
      text += " Channel must be included for every message.";
    }
    if (hasFunctionTools) {
      text += "\nCalls to these tools must go to the commentary channel: 'functions'.";
    }
    return text;
  }

  private static String formatText(ResponseFormat format) {
    StringBuilder text = new StringBuilder("## ").append(format.name()).append("\n\n");
    if (format.description() != null) {
      for (String line : lines(format.description())) {
        text.append("// ").append(line).append('\n');
      }
    }
    return text.append(JsonText.of(format.schema())).toString();
  }

  private static void addTools(Map<String, ToolNamespace> tools, List<String> sections) {
    if (tools.isEmpty()) {
      return;
    }
    sections.add("# Tools");
    for (ToolNamespace namespace : new TreeMap<>(tools).values()) {
      sections.add(namespaceText(namespace));
    }
  }

  private static String namespaceText(ToolNamespace namespace) {
    List<String> lines = new ArrayList<>();
    lines.add("## " + namespace.name() + "\n");
    boolean hasTools = !namespace.tools().isEmpty();
    if (namespace.description() != null) {
      for (String line : lines(namespace.description())) {
        lines.add(hasTools ? "// " + line : line);
      }
    }
    if (hasTools) {
      lines.add("namespace " + namespace.name() + " {\n");
      for (ToolDescription tool : namespace.tools()) {
        addTool(tool, lines);
      }
      lines.add("} // namespace " + namespace.name());
    }
    return String.join("\n", lines);
  }

  private static void addTool(ToolDescription tool, List<String> lines) {
    for (String line : lines(tool.description())) {
      lines.add("// " + line);
    }
    String parameters =
        tool.parameters() == null ? "()" : "(_: " + TypeScriptTypes.of(tool.parameters()) + ")";
    lines.add("type " + tool.name() + " = " + parameters + " => any;\n");
  }

  /** Lines as Rust's {@code str::lines} cuts them: at \n or \r\n, never at a lone \r. */
  private static List<String> lines(String text) {
    List<String> lines = new ArrayList<>();
    int start = 0;
    while (start < text.length()) {
      int end = text.indexOf('\n', start);
      if (end < 0) {
        lines.add(text.substring(start));
        break;
      }
      boolean carriage = end > start && text.charAt(end - 1) == '\r';
      lines.add(text.substring(start, carriage ? end - 1 : end));
      start = end + 1;
    }
    return lines;
  }
}
