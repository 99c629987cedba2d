package io.github.gptoss.spark.internal.sql;

import io.github.gptoss.spark.internal.completions.CompletionStore;
import io.github.gptoss.spark.internal.journal.CompletionCache;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import io.github.gptoss.spark.internal.options.SparkConfs;
import io.github.gptoss.spark.internal.options.SparkFaults;
import io.github.gptoss.spark.internal.tools.ToolData;
import io.github.gptoss.spark.internal.tools.ToolTables;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.plans.physical.Partitioning;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.UnaryExecNode;
import org.apache.spark.sql.execution.metric.SQLMetric;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Map;
import scala.collection.immutable.Seq;
import scala.reflect.ClassTag$;

/**
 * Completes the rows of each partition through the executor's engine, thousands of them in flight:
 * the child's columns that are still needed, and the completion. Rows stay in their order and
 * place.
 */
public final class BatchGenerateExec extends SparkPlan implements UnaryExecNode {
  private static final long serialVersionUID = 1L;

  private final CompletionGenerator generator;
  private final Seq<Attribute> required;
  private final Seq<Attribute> generated;
  private final SparkPlan child;
  private final BatchGenerateMetrics counters;

  public BatchGenerateExec(
      CompletionGenerator generator,
      Seq<Attribute> required,
      Seq<Attribute> generated,
      SparkPlan child) {
    this.generator = generator;
    this.required = required;
    this.generated = generated;
    this.child = child;
    counters = BatchGenerateMetrics.create(sparkContext());
  }

  @Override
  public SparkPlan child() {
    return child;
  }

  @Override
  public Seq<SparkPlan> children() {
    return Scala.seq(child);
  }

  @Override
  public Seq<Attribute> output() {
    List<Attribute> columns = new ArrayList<>(Scala.list(required));
    columns.addAll(Scala.list(generated));
    return Scala.seq(columns);
  }

  @Override
  public AttributeSet producedAttributes() {
    return AttributeSet.apply(Scala.<Expression>seq(Scala.list(generated)));
  }

  @Override
  public Partitioning outputPartitioning() {
    return child.outputPartitioning();
  }

  @Override
  public Seq<SortOrder> outputOrdering() {
    return child.outputOrdering();
  }

  @Override
  public Map<String, SQLMetric> metrics() {
    return counters.byName();
  }

  @Override
  public RDD<InternalRow> doExecute() {
    return child
        .execute()
        .mapPartitionsWithIndex(
            new BatchGenerateTask(
                generator, required, child.output(), tables(), caches(), counters),
            true,
            false,
            ClassTag$.MODULE$.<InternalRow>apply(InternalRow.class));
  }

  /** {@link ToolData#bytes} of the tables that tools answer from; null where there are none. */
  private Broadcast<byte[]> tables() {
    ToolData tables =
        SparkFaults.analysed(() -> ToolTables.read(session(), generator.call().options()));
    return tables == ToolData.NONE
        ? null
        : sparkContext().broadcast(tables.bytes(), ClassTag$.MODULE$.<byte[]>apply(byte[].class));
  }

  private CompletionStore.Factory caches() {
    OptionValues options = generator.call().options();
    return options.isSet(OptionKey.COMPLETION_CACHE)
        ? SparkFaults.analysed(
            () ->
                CompletionCache.open(
                    options.text(OptionKey.COMPLETION_CACHE),
                    SparkConfs.hadoop(session()),
                    generator.call().observer()))
        : CompletionStore.Factory.NONE;
  }

  @Override
  public String nodeName() {
    return "BatchGenerate";
  }

  @Override
  public SparkPlan withNewChildInternal(SparkPlan newChild) {
    return new BatchGenerateExec(generator, required, generated, newChild);
  }

  @Override
  public SparkPlan withNewChildrenInternal(IndexedSeq<SparkPlan> children) {
    return withNewChildInternal(children.head());
  }

  @Override
  public int productArity() {
    return 4;
  }

  @Override
  public Object productElement(int index) {
    return switch (index) {
      case 0 -> generator;
      case 1 -> required;
      case 2 -> generated;
      default -> child;
    };
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof BatchGenerateExec;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BatchGenerateExec e
        && e.generator.equals(generator)
        && e.required.equals(required)
        && e.generated.equals(generated)
        && e.child.equals(child);
  }

  @Override
  public int hashCode() {
    return Objects.hash(generator, required, generated, child);
  }
}
