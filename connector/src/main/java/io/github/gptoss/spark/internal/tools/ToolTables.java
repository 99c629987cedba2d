package io.github.gptoss.spark.internal.tools;

import io.github.gptoss.spark.internal.options.OptionValues;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructType;

/** The tables that tools of a call answer from, on the driver. */
public final class ToolTables {
  /** Rows that a call gives, at most. */
  private static final int MOST_ROWS = 100;

  private ToolTables() {}

  /**
   * Checks that tables and columns exist; reads no row.
   *
   * @throws io.github.gptoss.engine.error.InvalidConfigException if one does not
   */
  public static void check(SparkSession spark, OptionValues options) {
    ToolOptions tools = ToolOptions.of(options);
    if (tools.areOn()) {
      tools.lookups().values().forEach(lookup -> rows(spark, lookup));
      if (tools.browser() != null) {
        var unused = pages(spark, tools.browser());
      }
    }
  }

  /**
   * Reads the tables, by jobs of Spark's; {@link ToolData#NONE} where there are none.
   *
   * @throws io.github.gptoss.engine.error.InvalidConfigException if they are not what they must be
   */
  public static ToolData read(SparkSession spark, OptionValues options) {
    ToolOptions tools = ToolOptions.of(options);
    if (!tools.areOn() || (tools.lookups().isEmpty() && tools.browser() == null)) {
      return ToolData.NONE;
    }
    HashMap<String, LookupRows> lookups = new HashMap<>();
    tools.lookups().forEach((function, lookup) -> lookups.put(function, read(spark, lookup)));
    return new ToolData(lookups, tools.browser() == null ? null : read(spark, tools.browser()));
  }

  private static Dataset<Row> table(SparkSession spark, String where, String name) {
    try {
      return spark.table(name);
    } catch (Exception e) { // Spark does not declare its AnalysisException
      if (e instanceof AnalysisException) {
        throw ToolErrors.noTable(where, name, e);
      }
      throw e;
    }
  }

  private static String column(Dataset<Row> table, String where, String name, String wanted) {
    boolean isCaseSensitive =
        Boolean.parseBoolean(table.sparkSession().conf().get("spark.sql.caseSensitive"));
    return Arrays.stream(table.columns())
        .filter(c -> isCaseSensitive ? c.equals(wanted) : c.equalsIgnoreCase(wanted))
        .findFirst()
        .orElseThrow(
            () -> ToolErrors.noColumn(where, name, wanted, Arrays.asList(table.columns())));
  }

  private static Column col(String name) {
    return functions.col("`" + name.replace("`", "``") + "`");
  }

  /** The key columns as strings, then the answer as JSON. */
  private static Dataset<Row> rows(SparkSession spark, LookupSpec lookup) {
    Dataset<Row> table = table(spark, lookup.where(), lookup.table());
    List<String> keys = new ArrayList<>();
    for (String key : lookup.keys()) {
      String name = column(table, lookup.where(), lookup.table(), key);
      DataType type = table.schema().apply(name).dataType();
      if (type instanceof StructType
          || type instanceof ArrayType
          || type instanceof MapType
          || type instanceof BinaryType
          || type instanceof FloatType
          || type instanceof DoubleType) {
        throw ToolErrors.keyType(lookup.where(), name, type.catalogString());
      }
      keys.add(name);
    }
    List<String> columns = new ArrayList<>();
    for (String given : lookup.columns()) {
      columns.add(column(table, lookup.where(), lookup.table(), given));
    }
    if (columns.isEmpty()) {
      columns.addAll(Arrays.asList(table.columns()));
      columns.removeAll(keys);
    }
    if (columns.isEmpty()) {
      columns.addAll(keys);
    }
    List<Column> selected = new ArrayList<>();
    keys.forEach(key -> selected.add(col(key).cast("string")));
    selected.add(
        functions.to_json(
            functions.struct(columns.stream().map(ToolTables::col).toArray(Column[]::new)),
            Map.of("ignoreNullFields", "false")));
    return table.select(selected.toArray(Column[]::new));
  }

  private static LookupRows read(SparkSession spark, LookupSpec lookup) {
    StructType schema = table(spark, lookup.where(), lookup.table()).schema();
    List<Boolean> areNumbers = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (String key : lookup.keys()) {
      String name =
          column(table(spark, lookup.where(), lookup.table()), lookup.where(), lookup.table(), key);
      names.add(key);
      areNumbers.add(schema.apply(name).dataType() instanceof NumericType);
    }
    Map<List<String>, List<String>> found = new LinkedHashMap<>();
    for (Row row : rows(spark, lookup).collectAsList()) {
      List<String> key = key(row, areNumbers);
      if (key != null) {
        found.computeIfAbsent(key, k -> new ArrayList<>()).add(row.getString(areNumbers.size()));
      }
    }
    HashMap<List<String>, String> answers = new HashMap<>();
    found.forEach((key, rows) -> answers.put(key, answer(lookup, rows)));
    return LookupRows.of(names, areNumbers, answers);
  }

  /** Null where a part of it is, which no argument equals. */
  private static List<String> key(Row row, List<Boolean> areNumbers) {
    List<String> key = new ArrayList<>();
    for (int i = 0; i < areNumbers.size(); i++) {
      if (row.isNullAt(i)) {
        return null;
      }
      String text = row.getString(i);
      key.add(areNumbers.get(i) ? LookupRows.number(new BigDecimal(text)) : text);
    }
    return List.copyOf(key);
  }

  /** One row is an object, several are a list in an order that partitions do not change. */
  private static String answer(LookupSpec lookup, List<String> rows) {
    if (rows.size() > MOST_ROWS) {
      throw ToolErrors.tooManyRows(lookup.where(), rows.size(), MOST_ROWS);
    }
    Collections.sort(rows);
    return JsonLine.of(rows.size() == 1 ? rows.get(0) : "[" + String.join(",", rows) + "]");
  }

  private static Dataset<Row> pages(SparkSession spark, BrowserSpec browser) {
    Dataset<Row> table = table(spark, BrowserSpec.WHERE, browser.table());
    List<Column> columns = new ArrayList<>();
    for (String wanted : List.of(browser.url(), browser.title(), browser.text())) {
      columns.add(col(column(table, BrowserSpec.WHERE, browser.table(), wanted)).cast("string"));
    }
    return table.select(columns.toArray(Column[]::new));
  }

  private static Pages read(SparkSession spark, BrowserSpec browser) {
    Map<String, Page> byUrl = new HashMap<>();
    List<Row> rows = pages(spark, browser).collectAsList();
    for (Row row : rows) {
      if (!row.isNullAt(0)) {
        byUrl.put(
            row.getString(0),
            new Page(
                row.getString(0),
                row.isNullAt(1) ? "" : row.getString(1),
                row.isNullAt(2) ? "" : row.getString(2)));
      }
    }
    if (byUrl.size() < rows.size()) {
      throw ToolErrors.pageTwice(BrowserSpec.WHERE, browser.table());
    }
    return new Pages(byUrl.values());
  }
}
