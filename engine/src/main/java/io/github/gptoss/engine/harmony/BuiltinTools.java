package io.github.gptoss.engine.harmony;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** The built-in tools word for word. Source: openai/harmony, docs/format.md and version 0.0.8. */
final class BuiltinTools {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  static final ToolNamespace BROWSER =
      new ToolNamespace(
          "browser",
          """
          Tool for browsing.
          The `cursor` appears in brackets before each browsing display: `[{cursor}]`.
          Cite information from the tool using the following format:
          `【{cursor}†L{line_start}(-L{line_end})?】`, for example: `【6†L9-L11】` or `【8†L3】`.
          Do not quote more than 10 words directly from the tool output.
          sources=web (default: web)""",
          List.of(search(), open(), find()));

  static final ToolNamespace PYTHON =
      new ToolNamespace(
          "python",
          """
          Use this tool to execute Python code in your chain of thought. \
          The code will not be shown to the user. \
          This tool should be used for internal reasoning, but not for code that is intended to be \
          visible to the user (e.g. when creating plots, tables, or files).

          When you send a message containing Python code to python, it will be executed in a \
          stateful Jupyter notebook environment. \
          python will respond with the output of the execution or time out after 120.0 seconds. \
          The drive at '/mnt/data' can be used to save and persist user files. \
          Internet access for this session is UNKNOWN. Depends on the cluster.""",
          List.of());

  private BuiltinTools() {}

  private static ToolDescription search() {
    ObjectNode properties = JSON.objectNode();
    properties.putObject("query").put("type", "string");
    properties.putObject("topn").put("type", "number").put("default", 10);
    properties.putObject("source").put("type", "string");
    return new ToolDescription(
        "search",
        "Searches for information related to `query` and displays `topn` results.",
        parameters(properties, "query"));
  }

  private static ToolDescription open() {
    ObjectNode properties = JSON.objectNode();
    ObjectNode id = properties.putObject("id");
    id.putArray("type").add("number").add("string");
    id.put("default", -1);
    properties.putObject("cursor").put("type", "number").put("default", -1);
    properties.putObject("loc").put("type", "number").put("default", -1);
    properties.putObject("num_lines").put("type", "number").put("default", -1);
    properties.putObject("view_source").put("type", "boolean").put("default", false);
    properties.putObject("source").put("type", "string");
    return new ToolDescription(
        "open",
        """
        Opens the link `id` from the page indicated by `cursor` starting at line number `loc`, \
        showing `num_lines` lines.
        Valid link ids are displayed with the formatting: `【{id}†.*】`.
        If `cursor` is not provided, the most recent page is implied.
        If `id` is a string, it is treated as a fully qualified URL associated with `source`.
        If `loc` is not provided, the viewport will be positioned at the beginning of the document \
        or centered on the most relevant passage, if available.
        Use this function without `id` to scroll to a new location of an opened page.""",
        parameters(properties, null));
  }

  private static ToolDescription find() {
    ObjectNode properties = JSON.objectNode();
    properties.putObject("pattern").put("type", "string");
    properties.putObject("cursor").put("type", "number").put("default", -1);
    return new ToolDescription(
        "find",
        "Finds exact matches of `pattern` in the current page, or the page given by `cursor`.",
        parameters(properties, "pattern"));
  }

  private static ObjectNode parameters(ObjectNode properties, String required) {
    ObjectNode schema = JSON.objectNode().put("type", "object");
    schema.set("properties", properties);
    if (required != null) {
      schema.putArray("required").add(required);
    }
    return schema;
  }
}
