package io.github.gptoss.spark.internal.sql.rules;

import io.github.gptoss.spark.internal.sql.CatalogFunction;
import io.github.gptoss.spark.internal.sql.CompletionExpression;
import io.github.gptoss.spark.internal.sql.CompletionGenerator;
import io.github.gptoss.spark.internal.sql.RowwiseWarnings;
import io.github.gptoss.spark.internal.sql.Scala;
import io.github.gptoss.spark.internal.sql.TaskResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.InputFileBlockLength;
import org.apache.spark.sql.catalyst.expressions.InputFileBlockStart;
import org.apache.spark.sql.catalyst.expressions.InputFileName;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.SubqueryExpression;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.Command;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.Generate;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.rules.Rule;
import org.apache.spark.sql.catalyst.trees.CurrentOrigin;
import scala.Option;

/**
 * Moves every call below the operator that uses it, into a {@code Generate} of a {@link
 * CompletionGenerator}. Has to run before the optimizer, which would copy a call to wherever one of
 * its fields is used; runs again after it for calls in correlated subqueries, which have joined
 * their plan by then.
 */
public final class ExtractCompletions extends Rule<LogicalPlan> {
  private final boolean isLast;

  /**
   * @param isLast whether what stays behind now is completed row by row, which is worth a warning
   */
  ExtractCompletions(boolean isLast) {
    this.isLast = isLast;
  }

  @Override
  public LogicalPlan apply(LogicalPlan plan) {
    LogicalPlan seen = TaskResult.unnamed(CatalogFunction.asExpressions(plan));
    if (!isUsed(seen)) {
      return plan;
    }
    return rewriteTree(seen, false);
  }

  /**
   * @param isFileNameAsked whether an operator above asks which file a row is from, which Spark
   *     answers with the file being read at the time: an operator that reads ahead must not be
   *     between the two
   */
  private LogicalPlan rewriteTree(LogicalPlan plan, boolean isFileNameAsked) {
    boolean asked = isFileNameAsked || asksForFileName(plan);
    List<LogicalPlan> children =
        Scala.list(plan.children()).stream().map(child -> rewriteTree(child, asked)).toList();
    LogicalPlan over = (LogicalPlan) plan.withNewChildren(Scala.seq(children));
    LogicalPlan whole =
        (LogicalPlan)
            over.transformExpressions(
                Scala.everywhere(
                    Expression.class,
                    e ->
                        e instanceof SubqueryExpression subquery
                            ? subquery.withNewPlan(rewriteTree(subquery.plan(), false))
                            : e));
    LogicalPlan rewritten = asked ? whole : rewrite(whole);
    if (isLast && isUsedIn(rewritten) && !(rewritten instanceof Command)) {
      RowwiseWarnings.warnOnce(
          asked
              ? RowwiseWarnings.FILE_NAME
              : children.size() == 1 ? RowwiseWarnings.LAMBDA : RowwiseWarnings.JOIN_CONDITION);
      return (LogicalPlan)
          rewritten.transformExpressions(
              Scala.everywhere(
                  Expression.class,
                  e -> e instanceof CompletionExpression call ? call.explained() : e));
    }
    return rewritten;
  }

  private static boolean isUsed(LogicalPlan plan) {
    return plan.exists(
        node ->
            isUsedIn((LogicalPlan) node)
                || Scala.list(((LogicalPlan) node).subqueries()).stream()
                    .anyMatch(subquery -> isUsed((LogicalPlan) subquery)));
  }

  private static boolean isUsedIn(LogicalPlan node) {
    return Scala.list(node.expressions()).stream().anyMatch(CompletionExpression::isIn);
  }

  private static boolean asksForFileName(LogicalPlan plan) {
    return Scala.list(plan.expressions()).stream()
        .anyMatch(
            e ->
                e.exists(
                    x ->
                        x instanceof InputFileName
                            || x instanceof InputFileBlockStart
                            || x instanceof InputFileBlockLength));
  }

  private static LogicalPlan rewrite(LogicalPlan plan) {
    if (!isUsedIn(plan) || plan.children().size() != 1 || plan instanceof Command) {
      return plan;
    }
    if (plan instanceof Filter filter) {
      return filterCheaplyFirst(filter);
    }
    if (plan instanceof Aggregate aggregate && AggregateCalls.areAbove(aggregate)) {
      Project above = AggregateCalls.split(aggregate);
      LogicalPlan below = rewrite(above.child());
      return extract(new Project(above.projectList(), below));
    }
    return extract(plan);
  }

  /** What a call does not need to be known for is filtered below it. */
  private static LogicalPlan filterCheaplyFirst(Filter filter) {
    List<Expression> cheap = new ArrayList<>();
    List<Expression> dear = new ArrayList<>();
    split(filter.condition(), cheap, dear);
    LogicalPlan child =
        cheap.stream()
            .reduce(And::new)
            .<LogicalPlan>map(e -> new Filter(e, filter.child()))
            .orElse(filter.child());
    return extract(new Filter(dear.stream().reduce(And::new).orElseThrow(), child));
  }

  private static void split(Expression condition, List<Expression> cheap, List<Expression> dear) {
    if (condition instanceof And and) {
      split(and.left(), cheap, dear);
      split(and.right(), cheap, dear);
    } else if (CompletionExpression.isIn(condition) || !condition.deterministic()) {
      dear.add(condition);
    } else {
      cheap.add(condition);
    }
  }

  /** Puts the calls that the child's columns suffice for below the plan, inner ones first. */
  private static LogicalPlan extract(LogicalPlan plan) {
    LogicalPlan whole = OnceColumns.below(plan);
    LogicalPlan child = (LogicalPlan) whole.children().apply(0);
    List<CallSites.Site> sites = CallSites.of(whole, child.outputSet());
    if (sites.isEmpty()) {
      return plan;
    }
    Map<Expression, Expression> columns = new HashMap<>();
    LogicalPlan input = child;
    for (CallSites.Site site : sites) {
      ReusedCompletions.Reuse reuse = ReusedCompletions.find(input, site);
      if (reuse != null) {
        input = reuse.plan();
        columns.put(site.call().canonicalized(), (Expression) reuse.column());
      } else {
        Attribute column = CompletionGenerator.column("completion", site.call().dataType());
        input = generate(site, column, input);
        columns.put(site.call().canonicalized(), column);
      }
    }
    LogicalPlan over = (LogicalPlan) whole.withNewChildren(Scala.seq(input));
    LogicalPlan replaced =
        (LogicalPlan)
            over.transformExpressionsDown(
                Scala.everywhere(
                    CompletionExpression.class, e -> columns.getOrDefault(e.canonicalized(), e)));
    LogicalPlan rest = extract(replaced);
    return rest.output().equals(plan.output())
        ? rest
        : new Project(Scala.<NamedExpression>seq(Scala.list(plan.output())), rest);
  }

  private static LogicalPlan generate(CallSites.Site site, Attribute column, LogicalPlan input) {
    List<Expression> arguments = new ArrayList<>(Scala.list(site.call().children()));
    arguments.add(site.guard());
    return new Generate(
        CurrentOrigin.withOrigin(
            site.call().origin(),
            () -> new CompletionGenerator(site.call().call(), Scala.seq(arguments))),
        Scala.seq(),
        false,
        Option.empty(),
        Scala.seq(column),
        input);
  }
}
