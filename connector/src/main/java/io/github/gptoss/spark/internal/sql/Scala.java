package io.github.gptoss.spark.internal.sql;

import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import scala.Function1;
import scala.PartialFunction;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractPartialFunction;

/** Java's collections and functions as Spark's plans want them. */
public final class Scala {
  private Scala() {}

  public static <T> Seq<T> seq(List<? extends T> values) {
    return CollectionConverters.<T>asScala(List.<T>copyOf(values)).toSeq();
  }

  @SafeVarargs
  public static <T> Seq<T> seq(T... values) {
    return seq(Arrays.asList(values));
  }

  public static <T> List<T> list(scala.collection.Seq<T> values) {
    return CollectionConverters.asJava(values);
  }

  /** A function that is defined everywhere, for the transform methods of trees. */
  public static <A, B extends A> PartialFunction<A, A> everywhere(
      Class<B> type, UnaryOperator<A> change) {
    return new AbstractPartialFunction<A, A>() {
      @Override
      public boolean isDefinedAt(A node) {
        return type.isInstance(node);
      }

      @Override
      @SuppressWarnings("unchecked") // a node is replaced by a node of the same family
      public <A1 extends A, B1> B1 applyOrElse(A1 node, Function1<A1, B1> otherwise) {
        return type.isInstance(node) ? (B1) change.apply(node) : otherwise.apply(node);
      }
    };
  }
}
