package io.github.gptoss.spark.executor;

import io.github.gptoss.spark.conf.OptionKey;
import io.github.gptoss.spark.conf.OptionValues;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * Completes those rows of a partition again whose completion will not do. The last columns of a row
 * are the completion, the effort that it was made with, and the prompt, which goes. Rows that will
 * do pass through at once; the others wait until they make a batch, and leave behind them.
 */
public final class RowEscalator implements MapPartitionsFunction<Row, Row> {
  private static final long serialVersionUID = 1L;

  /** Rows that are held until they are completed together. */
  private static final int BATCH_ROWS = 1024;

  /** What will do. */
  @FunctionalInterface
  public interface Gate extends Serializable {
    boolean passes(Row completion);
  }

  private final OptionValues options;
  private final boolean isMessages;
  private final Gate gate;
  private final CompletionObserver observer;
  private final CompletionStore.Factory stores;

  /**
   * @param options with the effort for rows that are completed again
   */
  public RowEscalator(
      OptionValues options,
      boolean isMessages,
      Gate gate,
      CompletionObserver observer,
      CompletionStore.Factory stores) {
    this.options = options;
    this.isMessages = isMessages;
    this.gate = gate;
    this.observer = observer;
    this.stores = stores;
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    return new Escalated(rows);
  }

  private final class Escalated implements Iterator<Row> {
    private final Iterator<Row> rows;
    private final List<Row> waiting = new ArrayList<>();
    private Iterator<Row> again = Collections.emptyIterator();
    private Row passed;

    Escalated(Iterator<Row> rows) {
      this.rows = rows;
    }

    @Override
    public boolean hasNext() {
      while (passed == null && !again.hasNext() && (rows.hasNext() || !waiting.isEmpty())) {
        advance();
      }
      return passed != null || again.hasNext();
    }

    private void advance() {
      if (rows.hasNext() && waiting.size() < BATCH_ROWS) {
        Row row = rows.next();
        if (gate.passes(row.getStruct(row.length() - 3))) {
          passed = withoutPrompt(row);
        } else {
          waiting.add(row);
        }
      } else {
        again =
            CompletionIterator.start(
                List.copyOf(waiting).iterator(), new Adapter(), options, observer, stores);
        waiting.clear();
      }
    }

    @Override
    public Row next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      if (again.hasNext()) {
        return again.next();
      }
      Row row = passed;
      passed = null;
      return row;
    }
  }

  private static Row withoutPrompt(Row row) {
    Object[] values = new Object[row.length() - 1];
    for (int i = 0; i < values.length; i++) {
      values[i] = row.get(i);
    }
    return RowFactory.create(values);
  }

  private final class Adapter implements RowAdapter<Row, Row> {
    private final ExternalRows external =
        new ExternalRows(isMessages, options.booleanValue(OptionKey.INCLUDE_TOKENS));

    @Override
    public PromptRow input(Row row) {
      return external.input(row);
    }

    @Override
    public long heldBytes(Row row) {
      return external.heldBytes(row);
    }

    @Override
    public Row complete(Row row, InternalRow completion) {
      Object[] values = new Object[row.length() - 1];
      for (int i = 0; i < values.length - 2; i++) {
        values[i] = row.get(i);
      }
      values[values.length - 2] = external.external(completion);
      values[values.length - 1] = options.reasoningEffort();
      return RowFactory.create(values);
    }
  }
}
