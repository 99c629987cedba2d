package io.github.gptoss.spark.internal.batch;

import io.github.gptoss.spark.internal.completions.CompletionType;
import java.util.Arrays;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.types.DataType;

/**
 * Spark's internal rows: columns that are kept, and the completion behind them. A row that goes out
 * is valid until the next one.
 */
public final class InternalRows {
  private final CompletionType type;
  private final UnsafeProjection result;
  private final JoinedRow joined = new JoinedRow();
  private final GenericInternalRow added = new GenericInternalRow(1);

  /**
   * @param kept types of the columns that are kept
   * @param completion the completion's type
   */
  public InternalRows(DataType[] kept, CompletionType completion) {
    type = completion;
    DataType[] all = Arrays.copyOf(kept, kept.length + 1);
    all[kept.length] = completion.struct();
    result = UnsafeProjection.create(all);
  }

  /** The completion's type. */
  CompletionType type() {
    return type;
  }

  /**
   * The row with its completion.
   *
   * @param completion as vectors have it; null where the row asked nothing
   */
  InternalRow complete(AskingRow row, InternalRow completion) {
    added.update(0, type.of(completion));
    return result.apply(joined.apply(row.kept(), added));
  }
}
