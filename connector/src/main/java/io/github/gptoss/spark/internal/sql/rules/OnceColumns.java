package io.github.gptoss.spark.internal.sql.rules;

import io.github.gptoss.spark.internal.sql.CompletionExpression;
import io.github.gptoss.spark.internal.sql.OnceValue;
import io.github.gptoss.spark.internal.sql.Scala;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.ExprId;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import scala.Option;

/** Values that a call uses at several places, as columns: evaluated once a row. */
final class OnceColumns {
  private final AttributeSet available;
  private final Map<ExprId, Alias> columns = new LinkedHashMap<>();

  private OnceColumns(AttributeSet available) {
    this.available = available;
  }

  /** The plan over columns for those {@link OnceValue}s that its child's columns suffice for. */
  static LogicalPlan below(LogicalPlan plan) {
    LogicalPlan child = (LogicalPlan) plan.children().apply(0);
    OnceColumns once = new OnceColumns(child.outputSet());
    LogicalPlan over =
        (LogicalPlan)
            plan.transformExpressionsUp(
                Scala.everywhere(
                    Expression.class, e -> e instanceof OnceValue o ? once.column(o) : e));
    if (once.columns.isEmpty()) {
      return over;
    }
    List<NamedExpression> all = new ArrayList<>(Scala.list(child.output()));
    all.addAll(once.columns.values());
    return (LogicalPlan)
        over.withNewChildren(Scala.seq(List.of(new Project(Scala.seq(all), child))));
  }

  private Expression column(OnceValue once) {
    Expression value = once.value();
    if (value.deterministic()) {
      return value; // what made it differ is a column already
    }
    return CompletionExpression.isIn(value) || !CallSites.isEvaluable(value, available)
        ? once
        : (Expression) columns.computeIfAbsent(once.id(), id -> named(value)).toAttribute();
  }

  private static Alias named(Expression value) {
    return new Alias(
        value, "argument", NamedExpression.newExprId(), Scala.seq(), Option.empty(), Scala.seq());
  }
}
