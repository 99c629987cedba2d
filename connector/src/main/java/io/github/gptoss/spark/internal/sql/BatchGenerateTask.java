package io.github.gptoss.spark.internal.sql;

import io.github.gptoss.spark.internal.batch.AskingRow;
import io.github.gptoss.spark.internal.batch.CompletionIterator;
import io.github.gptoss.spark.internal.batch.InternalRows;
import io.github.gptoss.spark.internal.completions.CompletionStore;
import io.github.gptoss.spark.internal.options.SparkFaults;
import io.github.gptoss.spark.internal.prompts.PromptRow;
import io.github.gptoss.spark.internal.prompts.RequestRows;
import io.github.gptoss.spark.internal.prompts.RequestSchema;
import io.github.gptoss.spark.internal.tools.ToolData;
import java.io.Serializable;
import java.util.List;
import java.util.function.Supplier;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataType;
import scala.collection.Iterator;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction2;

/** One partition of {@link BatchGenerateExec}, on an executor. */
final class BatchGenerateTask
    extends AbstractFunction2<Object, Iterator<InternalRow>, Iterator<InternalRow>>
    implements Serializable {
  private static final long serialVersionUID = 1L;

  private final FunctionCall call;
  private final Seq<Expression> arguments;
  private final String place;
  private final Seq<Attribute> required;
  private final Seq<Attribute> input;
  private final Broadcast<byte[]> tables;
  private final CompletionStore.Factory caches;
  private final BatchGenerateMetrics counters;

  /**
   * @param required the input's columns to keep
   * @param tables {@link ToolData#bytes} of what tools answer from; null where they need none
   * @param caches of completions that runs share
   */
  BatchGenerateTask(
      CompletionGenerator generator,
      Seq<Attribute> required,
      Seq<Attribute> input,
      Broadcast<byte[]> tables,
      CompletionStore.Factory caches,
      BatchGenerateMetrics counters) {
    call = generator.call();
    arguments = generator.children();
    place = SparkFaults.place(generator.origin());
    this.required = required;
    this.input = input;
    this.tables = tables;
    this.caches = caches;
    this.counters = counters;
  }

  @Override
  public Iterator<InternalRow> apply(Object partition, Iterator<InternalRow> rows) {
    TimedIterator<AskingRow> asking = new TimedIterator<>(asking((Integer) partition, rows));
    java.util.Iterator<InternalRow> completed =
        SparkFaults.inTask(
            place,
            () ->
                CompletionIterator.start(
                    asking,
                    new InternalRows(keptTypes(), call.completion()),
                    call.options(),
                    tables == null ? ToolData.NONE : ToolData.of(tables.value()),
                    counters.and(call.observer()),
                    call.areBegun(),
                    call.stores(),
                    caches));
    java.util.Iterator<InternalRow> timed =
        asking.whatElseTakesTime(completed, nanos -> counters.waitNanos().add(nanos));
    // Made once, not for every row.
    Supplier<Boolean> hasNext = timed::hasNext;
    Supplier<InternalRow> next = timed::next;
    return CollectionConverters.asScala(
        new java.util.Iterator<InternalRow>() {
          @Override
          public boolean hasNext() {
            return SparkFaults.inTask(place, hasNext);
          }

          @Override
          public InternalRow next() {
            return SparkFaults.inTask(place, next);
          }
        });
  }

  /** Copies what is kept of a row, since Spark reuses the row's memory for the next one. */
  private java.util.Iterator<AskingRow> asking(int partition, Iterator<InternalRow> rows) {
    UnsafeProjection ask = UnsafeProjection.create(arguments, input);
    UnsafeProjection keep =
        UnsafeProjection.create(Scala.<Expression>seq(Scala.list(required)), input);
    ask.initialize(partition);
    keep.initialize(partition);
    return CollectionConverters.asJava(
        rows.map(
            row -> {
              PromptRow prompt = prompt(ask.apply(row));
              return new AskingRow(keep.apply(row).copy(), prompt);
            }));
  }

  private PromptRow prompt(UnsafeRow values) {
    boolean isAsked =
        !values.isNullAt(CompletionGenerator.GUARD) && values.getBoolean(CompletionGenerator.GUARD);
    if (!isAsked) {
      counters.skipped().add(1);
      return null;
    }
    return RequestRows.promptRow(
        values.isNullAt(CompletionGenerator.REQUEST)
            ? null
            : values.getStruct(CompletionGenerator.REQUEST, RequestSchema.REQUEST.length()),
        call.isMessages());
  }

  private DataType[] keptTypes() {
    List<Attribute> columns = Scala.list(required);
    return columns.stream().map(Attribute::dataType).toArray(DataType[]::new);
  }
}
