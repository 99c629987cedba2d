package io.github.gptoss.spark.executor;

import io.github.gptoss.spark.arrow.CompletionBatch;
import java.util.Arrays;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import scala.Function1;

/**
 * Spark's internal rows: columns that are kept, and the completion behind them. A row that goes out
 * is valid until the next one.
 */
public final class InternalRows implements RowAdapter<AskingRow, InternalRow> {
  private final boolean includeTokens;
  private final Function1<Object, Object> toInternal;
  private final UnsafeProjection result;
  private final JoinedRow joined = new JoinedRow();
  private final GenericInternalRow added = new GenericInternalRow(1);

  /**
   * @param kept types of the columns that are kept
   * @param completion the completion's type
   */
  public InternalRows(DataType[] kept, StructType completion) {
    DataType[] all = Arrays.copyOf(kept, kept.length + 1);
    all[kept.length] = completion;
    toInternal = CatalystTypeConverters.createToCatalystConverter(completion);
    result = UnsafeProjection.create(all);
    includeTokens = Arrays.asList(completion.fieldNames()).contains("completion_tokens");
  }

  @Override
  public PromptRow input(AskingRow row) {
    return row.prompt();
  }

  @Override
  public long heldBytes(AskingRow row) {
    return row.kept().getSizeInBytes();
  }

  @Override
  public InternalRow complete(AskingRow row, CompletionBatch completions, int index) {
    added.update(
        0,
        row.prompt() == null
            ? null
            : toInternal.apply(CompletionRows.of(completions, index, includeTokens)));
    return result.apply(joined.apply(row.kept(), added));
  }
}
