package io.github.gptoss.spark.internal.tools;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.error.NearestName;
import io.github.gptoss.spark.tools.ToolRequest;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Answers calls from tables: key columns in, the row as JSON out. */
final class LookupTool extends SingleCalls {
  private final Map<String, LookupRows> tables;

  /**
   * @param tables by function
   */
  LookupTool(Map<String, LookupRows> tables) {
    this.tables = tables;
  }

  @Override
  public Set<String> functions() {
    return tables.keySet();
  }

  @Override
  String answer(ToolRequest call) throws ToolException {
    LookupRows table = tables.get(call.function());
    ObjectNode arguments = Arguments.object(call.arguments());
    for (Iterator<String> names = arguments.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!table.keys().contains(name)) {
        throw new ToolException(
            "there is no argument '"
                + name
                + "'"
                + NearestName.hint(name, table.keys())
                + "; the arguments are "
                + String.join(", ", table.keys()));
      }
    }
    List<String> key = new ArrayList<>();
    for (int i = 0; i < table.keys().size(); i++) {
      key.add(value(arguments.get(table.keys().get(i)), table, i));
    }
    String answer = table.byKey().get(key);
    if (answer == null) {
      throw new ToolException(nothingFound(table, key));
    }
    return answer;
  }

  private static String value(JsonNode value, LookupRows table, int column) throws ToolException {
    String name = table.keys().get(column);
    if (value == null || value.isNull()) {
      throw new ToolException(
          "argument '"
              + name
              + "' is missing; the arguments are "
              + String.join(", ", table.keys()));
    }
    if (value.isContainerNode()) {
      throw new ToolException("argument '" + name + "' must be a single value");
    }
    if (!table.areNumbers().get(column)) {
      return value.asText();
    }
    try {
      BigDecimal number =
          value.isNumber() ? value.decimalValue() : new BigDecimal(value.asText().strip());
      if (Math.abs((long) number.scale()) <= MOST_DIGITS && number.precision() <= MOST_DIGITS) {
        return LookupRows.number(number);
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw new ToolException("argument '" + name + "' must be a number");
  }

  /** A number beyond them equals none that a table can hold, and would be long to write out. */
  private static final int MOST_DIGITS = 100;

  /** Keys on either side of a wrong one that are looked at for the one that was meant. */
  private static final int NEIGHBOURS = 1000;

  /** Says what is there instead, for the column where nothing fits. */
  private static String nothingFound(LookupRows table, List<String> key) {
    for (int column = 0; column < key.size(); column++) {
      List<String> before = key.subList(0, column);
      String wanted = key.get(column);
      List<String> from = key.subList(0, column + 1);
      Set<String> known = new TreeSet<>();
      addValues(table.from(from).keySet(), before, known);
      if (!known.contains(wanted)) {
        addValues(table.before(from).keySet(), before, known);
        return "there is no "
            + table.keys().get(column)
            + " '"
            + wanted
            + "'"
            + (column == 0 ? "" : " with the arguments before it")
            + NearestName.hint(wanted, known);
      }
    }
    throw new IllegalStateException("every part of the key is there, and the key is not");
  }

  /** Adds what the first keys have behind the values that they begin with. */
  private static void addValues(
      Collection<List<String>> keys, List<String> before, Set<String> known) {
    int left = NEIGHBOURS;
    for (List<String> key : keys) {
      if (left-- == 0 || !key.subList(0, before.size()).equals(before)) {
        return;
      }
      known.add(key.get(before.size()));
    }
  }
}
