package io.github.gptoss.spark.internal.sql.rules;

import io.github.gptoss.spark.internal.sql.CompletionExpression;
import io.github.gptoss.spark.internal.sql.Scala;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.CaseWhen;
import org.apache.spark.sql.catalyst.expressions.Coalesce;
import org.apache.spark.sql.catalyst.expressions.ExprId;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.If;
import org.apache.spark.sql.catalyst.expressions.IsNull;
import org.apache.spark.sql.catalyst.expressions.LambdaFunction;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.NamedLambdaVariable;
import org.apache.spark.sql.catalyst.expressions.Not;
import org.apache.spark.sql.catalyst.expressions.Or;
import org.apache.spark.sql.catalyst.expressions.OuterReference;
import org.apache.spark.sql.catalyst.expressions.SubqueryExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;

/**
 * Finds an operator's calls and under which conditions their values are used, so that CASE, IF and
 * COALESCE generate for the rows that come to the call and for no others.
 */
final class CallSites {
  private final AttributeSet available;
  private final Map<Expression, Site> sites = new LinkedHashMap<>();

  private CallSites(AttributeSet available) {
    this.available = available;
  }

  /**
   * @param guard true for the rows that need the call's value
   */
  record Site(CompletionExpression call, Expression guard) {}

  /** The operator's distinct calls that can be evaluated over these columns, innermost only. */
  static List<Site> of(LogicalPlan plan, AttributeSet available) {
    CallSites found = new CallSites(available);
    for (Expression e : Scala.list(plan.expressions())) {
      found.collect(e, Literal.TrueLiteral());
    }
    return List.copyOf(found.sites.values());
  }

  private void collect(Expression e, Expression guard) {
    if (!CompletionExpression.isIn(e)) {
      return;
    }
    if (e instanceof CompletionExpression call) {
      if (Scala.list(call.children()).stream().anyMatch(CompletionExpression::isIn)) {
        collectAll(call.children(), guard);
      } else if (isEvaluable(call, available)) {
        sites.merge(
            call.canonicalized(),
            new Site(call, isEvaluable(guard, available) ? guard : Literal.TrueLiteral()),
            (a, b) -> new Site(a.call, or(a.guard, b.guard)));
      }
    } else if (e instanceof AggregateExpression) {
      // Aggregates see every row, whatever is done with their results.
      collectAll(e.children(), Literal.TrueLiteral());
    } else if (e instanceof If choice) {
      collect(choice.predicate(), guard);
      collect(choice.trueValue(), and(guard, whether(choice.predicate())));
      collect(choice.falseValue(), and(guard, new Not(whether(choice.predicate()))));
    } else if (e instanceof CaseWhen choice) {
      collectBranches(choice, guard);
    } else if (e instanceof Coalesce choice) {
      Expression path = guard;
      for (Expression option : Scala.list(choice.children())) {
        collect(option, path);
        path = and(path, new IsNull(option));
      }
    } else {
      collectAll(e.children(), guard);
    }
  }

  private void collectAll(scala.collection.Seq<Expression> expressions, Expression guard) {
    Scala.list(expressions).forEach(e -> collect(e, guard));
  }

  private void collectBranches(CaseWhen choice, Expression guard) {
    Expression path = guard;
    for (var branch : Scala.list(choice.branches())) {
      collect(branch._1(), path);
      collect(branch._2(), and(path, whether(branch._1())));
      path = and(path, new Not(whether(branch._1())));
    }
    if (choice.elseValue().isDefined()) {
      collect(choice.elseValue().get(), path);
    }
  }

  /**
   * Whether an operator's input has all columns that are used, and no scope but the operator's own
   * is needed.
   */
  static boolean isEvaluable(Expression e, AttributeSet available) {
    return e.references().subsetOf(available)
        && !e.exists(
            x ->
                x instanceof OuterReference
                    || x instanceof AggregateExpression
                    || (x instanceof SubqueryExpression s && s.isCorrelated()))
        && lambdaVariablesAreBound(e);
  }

  private static boolean lambdaVariablesAreBound(Expression e) {
    Set<ExprId> bound = new HashSet<>();
    Set<ExprId> used = new HashSet<>();
    e.foreach(
        x -> {
          if (x instanceof LambdaFunction f) {
            for (NamedExpression variable : Scala.list(f.arguments())) {
              bound.add(variable.exprId());
            }
          } else if (x instanceof NamedLambdaVariable variable) {
            used.add(variable.exprId());
          }
          return null;
        });
    return bound.containsAll(used);
  }

  private static Expression whether(Expression condition) {
    return new Coalesce(Scala.seq(condition, Literal.FalseLiteral()));
  }

  private static Expression and(Expression a, Expression b) {
    if (CompletionExpression.isIn(b)) {
      // Whether another call's value makes this one unnecessary is not known before both ran.
      return a;
    }
    return a.equals(Literal.TrueLiteral()) ? b : new And(a, b);
  }

  private static Expression or(Expression a, Expression b) {
    if (a.semanticEquals(b)) {
      return a;
    }
    return a.equals(Literal.TrueLiteral()) || b.equals(Literal.TrueLiteral())
        ? Literal.TrueLiteral()
        : new Or(a, b);
  }
}
