package io.github.gptoss.spark.source;

import io.github.gptoss.spark.call.TableCompletion;
import io.github.gptoss.spark.schema.ColumnPath;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.read.V1Scan;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.TableScan;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * One reading of a {@link CompletionTable}.
 *
 * @param required columns, in the table's order
 * @param filters over input columns; all of them hold
 * @param order over input columns; empty where none is asked for
 * @param limit rows, or {@link #NO_LIMIT}
 */
record CompletionScan(
    CompletionTable table, StructType required, List<Column> filters, List<Column> order, int limit)
    implements V1Scan {
  static final int NO_LIMIT = -1;

  @Override
  public StructType readSchema() {
    return required;
  }

  /** Names and numbers only: what is compared with may be a prompt. */
  @Override
  public String description() {
    return table.name()
        + " "
        + Arrays.toString(required.fieldNames())
        + (generates() ? ", generated" : ", nothing generated")
        + (filters.isEmpty() ? "" : ", pushed filters: " + filters.size())
        + (order.isEmpty() ? "" : ", sorted by " + order.size() + " pushed")
        + (limit == NO_LIMIT ? "" : ", pushed limit: " + limit);
  }

  private boolean generates() {
    return Arrays.asList(required.fieldNames()).contains(table.completionName());
  }

  /** The rows that are asked for, as a plan. */
  private Dataset<Row> rows() {
    Dataset<Row> rows = table.input();
    for (Column filter : filters) {
      rows = rows.where(filter);
    }
    if (!order.isEmpty()) {
      rows = rows.orderBy(order.toArray(new Column[0]));
    }
    if (limit != NO_LIMIT) {
      rows = rows.limit(limit);
    }
    if (!generates()) {
      Column[] columns =
          Arrays.stream(required.fieldNames())
              .map(name -> functions.col(ColumnPath.quoted(name)))
              .toArray(Column[]::new);
      return rows.select(columns);
    }
    // The completion is the table's last column, so the order is right already.
    StructType kept = new StructType();
    for (StructField field : required.fields()) {
      kept = field.name().equals(table.completionName()) ? kept : kept.add(field);
    }
    TableCompletion completion = table.completion();
    return completion.complete(order.isEmpty() ? completion.spread(rows) : rows, kept);
  }

  @Override
  @SuppressWarnings("unchecked") // Spark's signature asks for a type that only it can name
  public <T extends BaseRelation & TableScan> T toV1TableScan(SQLContext context) {
    return (T) new Relation(context);
  }

  private final class Relation extends BaseRelation implements TableScan {
    private final SQLContext context;

    Relation(SQLContext context) {
      this.context = context;
    }

    /** How plans show the scan. */
    @Override
    public String toString() {
      return description();
    }

    @Override
    public SQLContext sqlContext() {
      return context;
    }

    @Override
    public StructType schema() {
      return required;
    }

    /** The rows are Spark's internal ones already. */
    @Override
    public boolean needConversion() {
      return false;
    }

    @Override
    @SuppressWarnings("unchecked") // what a relation without conversion returns
    public RDD<Row> buildScan() {
      RDD<InternalRow> rows =
          LazyRdd.of(
              context.sparkContext(),
              InternalRow.class,
              () ->
                  ((org.apache.spark.sql.classic.Dataset<Row>) CompletionScan.this.rows())
                      .queryExecution()
                      .toRdd());
      return (RDD<Row>) (RDD<?>) rows;
    }
  }
}
