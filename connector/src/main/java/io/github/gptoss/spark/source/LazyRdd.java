package io.github.gptoss.spark.source;

import java.util.List;
import java.util.function.Supplier;
import org.apache.spark.Dependency;
import org.apache.spark.OneToOneDependency;
import org.apache.spark.Partition;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import scala.collection.Iterator;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;

/**
 * Rows of a plan that is made when a job needs them. A relation has to give its rows while Spark
 * plans, and an adaptive plan runs its shuffles, and reads and generates for them, where its rows
 * are asked for: EXPLAIN would start jobs.
 */
final class LazyRdd extends RDD<InternalRow> {
  private static final long serialVersionUID = 1L;
  private static final ClassTag<InternalRow> ROWS = ClassTag.apply(InternalRow.class);

  /** Used on the driver only. */
  private final transient Supplier<RDD<InternalRow>> maker;

  private transient RDD<InternalRow> rows;

  private LazyRdd(SparkContext context, Supplier<RDD<InternalRow>> maker) {
    super(context, seq(List.of()), ROWS);
    this.maker = maker;
  }

  static RDD<InternalRow> of(SparkContext context, Supplier<Dataset<Row>> plan) {
    return new LazyRdd(
        context,
        () -> ((org.apache.spark.sql.classic.Dataset<Row>) plan.get()).queryExecution().toRdd());
  }

  private static <T> Seq<T> seq(List<T> values) {
    return CollectionConverters.asScala(values).toSeq();
  }

  private synchronized RDD<InternalRow> rows() {
    if (rows == null) {
      rows = maker.get();
    }
    return rows;
  }

  @Override
  public Partition[] getPartitions() {
    return rows().partitions();
  }

  @Override
  public Seq<Dependency<?>> getDependencies() {
    return seq(List.of(new OneToOneDependency<>(rows())));
  }

  @Override
  public Seq<String> getPreferredLocations(Partition partition) {
    return rows().preferredLocations(partition);
  }

  @Override
  public Iterator<InternalRow> compute(Partition partition, TaskContext task) {
    return this.<InternalRow>firstParent(ROWS).iterator(partition, task);
  }
}
