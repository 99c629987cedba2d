package io.github.gptoss.spark.executor;

import io.github.gptoss.spark.schema.CompletionSchema;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import scala.Function1;
import scala.collection.Seq;

/** Rows of a {@code Dataset<Row>} whose last column holds the prompt. */
final class ExternalRows implements RowAdapter<Row, Row> {
  /** An object's header and a reference to it. */
  private static final int BYTES_PER_VALUE = 24;

  private final boolean isMessages;
  private final Function1<Object, Object> toExternal;

  ExternalRows(boolean isMessages, boolean includeTokens) {
    this.isMessages = isMessages;
    toExternal =
        CatalystTypeConverters.createToScalaConverter(CompletionSchema.completion(includeTokens));
  }

  @Override
  public PromptRow input(Row row) {
    Object input = row.get(row.length() - 1);
    return input instanceof Row request
        ? RequestRows.promptRow(request, isMessages)
        : PromptRow.of((String) input, isMessages);
  }

  @Override
  public long heldBytes(Row row) {
    long bytes = BYTES_PER_VALUE;
    for (int i = 0; i < row.length(); i++) {
      bytes += heldBytesOf(row.get(i));
    }
    return bytes;
  }

  private long heldBytesOf(Object value) {
    if (value instanceof String text) {
      return BYTES_PER_VALUE + 2L * text.length();
    }
    if (value instanceof byte[] bytes) {
      return BYTES_PER_VALUE + (long) bytes.length;
    }
    if (value instanceof Row row) {
      return heldBytes(row);
    }
    if (value instanceof Seq<?> values) {
      long bytes = BYTES_PER_VALUE;
      for (var it = values.iterator(); it.hasNext(); ) {
        bytes += heldBytesOf(it.next());
      }
      return bytes;
    }
    if (value instanceof scala.collection.Map<?, ?> map) {
      long bytes = BYTES_PER_VALUE;
      for (var it = map.iterator(); it.hasNext(); ) {
        var entry = it.next();
        bytes += heldBytesOf(entry._1()) + heldBytesOf(entry._2());
      }
      return bytes;
    }
    return BYTES_PER_VALUE;
  }

  @Override
  public Row complete(Row row, InternalRow completion) {
    Object[] values = new Object[row.length()];
    for (int i = 0; i < values.length - 1; i++) {
      values[i] = row.get(i);
    }
    values[values.length - 1] = external(completion);
    return RowFactory.create(values);
  }

  Object external(InternalRow completion) {
    return toExternal.apply(completion);
  }
}
