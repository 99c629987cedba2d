package io.github.gptoss.spark.internal.sql.rules;

import io.github.gptoss.spark.internal.sql.CompletionExpression;
import io.github.gptoss.spark.internal.sql.Scala;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import scala.Option;

/** Calls over an aggregate's results: once a group, above the aggregate. */
final class AggregateCalls {
  private AggregateCalls() {}

  /** Whether any call is outside of the aggregate functions and of what is grouped by. */
  static boolean areAbove(Aggregate aggregate) {
    return Scala.list(aggregate.aggregateExpressions()).stream()
        .anyMatch(e -> isAbove((Expression) e, aggregate));
  }

  private static boolean isAbove(Expression e, Aggregate aggregate) {
    if (isComputedBelow(e, aggregate)) {
      return false;
    }
    return e instanceof CompletionExpression
        || Scala.list(e.children()).stream().anyMatch(child -> isAbove(child, aggregate));
  }

  private static boolean isComputedBelow(Expression e, Aggregate aggregate) {
    return e instanceof AggregateExpression
        || Scala.list(aggregate.groupingExpressions()).stream().anyMatch(e::semanticEquals);
  }

  /** The same as a projection of aggregates and groups, in which those calls are. */
  static Project split(Aggregate aggregate) {
    Map<Expression, NamedExpression> below = new LinkedHashMap<>();
    List<NamedExpression> above = new ArrayList<>();
    for (NamedExpression e : Scala.list(aggregate.aggregateExpressions())) {
      if (isAbove((Expression) e, aggregate)) {
        above.add((NamedExpression) overColumns((Expression) e, aggregate, below));
      } else {
        below.putIfAbsent(e instanceof Attribute a ? a.canonicalized() : (Expression) e, e);
        above.add(e.toAttribute());
      }
    }
    return new Project(
        Scala.seq(above),
        new Aggregate(
            aggregate.groupingExpressions(),
            Scala.seq(List.copyOf(below.values())),
            aggregate.child(),
            aggregate.hint()));
  }

  private static Expression overColumns(
      Expression e, Aggregate aggregate, Map<Expression, NamedExpression> below) {
    return (Expression)
        e.transformDown(
            Scala.everywhere(
                Expression.class,
                x ->
                    isComputedBelow(x, aggregate)
                        ? (Expression)
                            below.computeIfAbsent(x.canonicalized(), k -> named(x)).toAttribute()
                        : x));
  }

  private static NamedExpression named(Expression e) {
    return e instanceof NamedExpression named
        ? named
        : new Alias(
            e, "aggregate", NamedExpression.newExprId(), Scala.seq(), Option.empty(), Scala.seq());
  }
}
