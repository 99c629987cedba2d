package io.github.gptoss.spark.executor;

import io.github.gptoss.spark.conf.OptionKey;
import io.github.gptoss.spark.conf.OptionValues;
import java.util.Iterator;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;

/**
 * Completes a partition of external rows whose last column is the prompt: it goes, the completion
 * comes. Runs on executors; carries options only.
 */
public final class RowCompleter implements MapPartitionsFunction<Row, Row> {
  private static final long serialVersionUID = 1L;

  private final OptionValues options;
  private final boolean isMessages;
  private final CompletionObserver observer;
  private final CompletionStore.Factory stores;

  public RowCompleter(
      OptionValues options,
      boolean isMessages,
      CompletionObserver observer,
      CompletionStore.Factory stores) {
    this.options = options;
    this.isMessages = isMessages;
    this.observer = observer;
    this.stores = stores;
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    ExternalRows adapter =
        new ExternalRows(isMessages, options.booleanValue(OptionKey.INCLUDE_TOKENS));
    return CompletionIterator.start(rows, adapter, options, observer, stores);
  }
}
