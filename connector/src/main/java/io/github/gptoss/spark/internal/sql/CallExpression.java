package io.github.gptoss.spark.internal.sql;

import io.github.gptoss.spark.internal.batch.RowwiseCompleter;
import io.github.gptoss.spark.internal.options.SparkFaults;
import io.github.gptoss.spark.internal.prompts.RequestRows;
import java.io.Serializable;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenContext;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenFallback;
import org.apache.spark.sql.catalyst.expressions.codegen.ExprCode;

/** What the two expressions that stand for a call in a plan have in common. */
abstract class CallExpression extends Expression implements CodegenFallback, Serializable {
  private static final long serialVersionUID = 1L;

  private final FunctionCall call;
  private transient String place;
  private transient RowwiseCompleter completer;

  CallExpression(FunctionCall call) {
    this.call = call;
  }

  public FunctionCall call() {
    return call;
  }

  /**
   * Completes one row through the executor's engine, where nothing batches the call.
   *
   * @param request a struct of {@code RequestSchema}
   * @param reason why nothing does, for the log; null where the log has it already
   */
  InternalRow completeRow(InternalRow request, String reason) {
    if (completer == null) {
      if (reason != null) {
        RowwiseWarnings.warnOnce(reason);
      }
      place = SparkFaults.place(origin());
      completer = new RowwiseCompleter(call.options(), call.completion());
    }
    return SparkFaults.inTask(
        place,
        () ->
            completer.complete(
                RequestRows.promptRow(request, call.isMessages()), InternalRow::copy));
  }

  @Override
  public boolean nullable() {
    return true;
  }

  @Override
  public boolean foldable() {
    return false;
  }

  @Override
  public String prettyName() {
    return call.name();
  }

  @Override
  public ExprCode doGenCode(CodegenContext context, ExprCode code) {
    return CodegenFallback.super.doGenCode(context, code);
  }

  @Override
  public int productArity() {
    return 2;
  }
}
