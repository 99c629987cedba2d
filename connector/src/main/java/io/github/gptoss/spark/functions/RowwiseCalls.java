package io.github.gptoss.spark.functions;

import io.github.gptoss.spark.conf.OptionKey;
import io.github.gptoss.spark.executor.RequestRows;
import io.github.gptoss.spark.executor.RowwiseCompleter;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import scala.Function1;

/** A call that nothing batches: one row at a time, through the same engine. */
final class RowwiseCalls {
  private final FunctionCall call;
  private final RowwiseCompleter completer;
  private final Function1<Object, Object> toInternal;

  RowwiseCalls(FunctionCall call) {
    this.call = call;
    completer =
        new RowwiseCompleter(call.options(), call.options().booleanValue(OptionKey.INCLUDE_TOKENS));
    toInternal = CatalystTypeConverters.createToCatalystConverter(call.type());
  }

  /**
   * @param request a struct of {@code RequestSchema}
   */
  InternalRow complete(InternalRow request) {
    return (InternalRow)
        toInternal.apply(completer.complete(RequestRows.promptRow(request, call.isMessages())));
  }
}
