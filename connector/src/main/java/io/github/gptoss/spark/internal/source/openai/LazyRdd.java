package io.github.gptoss.spark.internal.source.openai;

import java.util.List;
import java.util.function.Supplier;
import org.apache.spark.Dependency;
import org.apache.spark.OneToOneDependency;
import org.apache.spark.Partition;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import scala.collection.Iterator;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;

/**
 * An RDD that is made when a job needs it. A relation has to give its rows while Spark plans, and
 * an adaptive plan runs its shuffles, and reads and generates for them, where its rows are asked
 * for: EXPLAIN would start jobs.
 */
public final class LazyRdd<T> extends RDD<T> {
  private static final long serialVersionUID = 1L;

  private final ClassTag<T> type;

  /** Used on the driver only. */
  private final transient Supplier<RDD<T>> maker;

  private transient RDD<T> rows;

  private LazyRdd(SparkContext context, ClassTag<T> type, Supplier<RDD<T>> maker) {
    super(context, seq(List.of()), type);
    this.type = type;
    this.maker = maker;
  }

  public static <T> RDD<T> of(SparkContext context, Class<T> type, Supplier<RDD<T>> maker) {
    return new LazyRdd<>(context, ClassTag.apply(type), maker);
  }

  private static <T> Seq<T> seq(List<T> values) {
    return CollectionConverters.asScala(values).toSeq();
  }

  private synchronized RDD<T> rows() {
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
  public Iterator<T> compute(Partition partition, TaskContext task) {
    return this.<T>firstParent(type).iterator(partition, task);
  }
}
