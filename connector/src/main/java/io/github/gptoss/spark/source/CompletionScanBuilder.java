package io.github.gptoss.spark.source;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.connector.expressions.Expression;
import org.apache.spark.sql.connector.expressions.SortOrder;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.SupportsPushDownLimit;
import org.apache.spark.sql.connector.read.SupportsPushDownRequiredColumns;
import org.apache.spark.sql.connector.read.SupportsPushDownTopN;
import org.apache.spark.sql.connector.read.SupportsPushDownV2Filters;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Takes whatever makes fewer rows to generate: what concerns input columns alone is done below the
 * generation, what concerns completions stays with Spark above it. COUNT(*) needs no column, so no
 * completion.
 */
final class CompletionScanBuilder
    implements SupportsPushDownV2Filters,
        SupportsPushDownRequiredColumns,
        SupportsPushDownLimit,
        SupportsPushDownTopN {
  private final CompletionTable table;
  private final List<Predicate> filters = new ArrayList<>();
  private List<SortOrder> order = List.of();
  private int limit = CompletionScan.NO_LIMIT;
  private StructType required;

  CompletionScanBuilder(CompletionTable table) {
    this.table = table;
    required = table.completion().schema();
  }

  @Override
  public Predicate[] pushPredicates(Predicate[] predicates) {
    List<Predicate> rest = new ArrayList<>();
    for (Predicate predicate : predicates) {
      if (concernsInput(predicate) && PushedColumns.of(predicate) != null) {
        filters.add(predicate);
      } else {
        rest.add(predicate);
      }
    }
    return rest.toArray(Predicate[]::new);
  }

  @Override
  public Predicate[] pushedPredicates() {
    return filters.toArray(Predicate[]::new);
  }

  private boolean concernsInput(Expression expression) {
    return Arrays.stream(expression.references())
        .noneMatch(column -> column.fieldNames()[0].equals(table.completionName()));
  }

  @Override
  public boolean pushLimit(int rows) {
    limit = rows;
    return true;
  }

  @Override
  public boolean pushTopN(SortOrder[] orders, int rows) {
    for (SortOrder by : orders) {
      if (!concernsInput(by.expression()) || PushedColumns.of(by) == null) {
        return false;
      }
    }
    order = List.of(orders);
    limit = rows;
    return true;
  }

  /** Spark sorts and cuts what comes out once more, since partitions have no order among them. */
  @Override
  public boolean isPartiallyPushed() {
    return true;
  }

  /** Whole columns: a completion is generated or it is not. */
  @Override
  public void pruneColumns(StructType wanted) {
    Set<String> names = new HashSet<>(Arrays.asList(wanted.fieldNames()));
    StructType kept = new StructType();
    for (StructField field : table.completion().schema().fields()) {
      kept = names.contains(field.name()) ? kept.add(field) : kept;
    }
    required = kept;
  }

  @Override
  public Scan build() {
    Column[] where = filters.stream().map(PushedColumns::of).toArray(Column[]::new);
    Column[] by = order.stream().map(PushedColumns::of).toArray(Column[]::new);
    return new CompletionScan(table, required, List.of(where), List.of(by), limit);
  }
}
