package io.github.gptoss.spark.internal.sql.rules;

import io.github.gptoss.spark.internal.sql.CompletionGenerator;
import io.github.gptoss.spark.internal.sql.Scala;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.Generate;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.Sort;

/**
 * Finds a call that was extracted already below a filter or a sort, so that {@code SELECT f(x) ...
 * WHERE f(x) ...} generates once for a row.
 */
final class ReusedCompletions {
  private ReusedCompletions() {}

  /**
   * @param plan the input, whose output holds the column too
   */
  record Reuse(LogicalPlan plan, Attribute column) {}

  /** Null where the input has no such call that every row which needs its value has one of. */
  static Reuse find(LogicalPlan plan, CallSites.Site site) {
    if (plan instanceof Generate g && g.generator() instanceof CompletionGenerator generator) {
      if (isSame(generator, site)) {
        return new Reuse(plan, g.generatorOutput().head());
      }
      return through(plan, g.child(), site);
    }
    if (plan instanceof Filter filter) {
      return through(plan, filter.child(), site);
    }
    if (plan instanceof Sort sort) {
      return through(plan, sort.child(), site);
    }
    if (plan instanceof Project project
        && Scala.list(project.projectList()).stream().allMatch(e -> e instanceof Attribute)) {
      Reuse below = find(project.child(), site);
      if (below == null) {
        return null;
      }
      List<NamedExpression> wider = new ArrayList<>(Scala.list(project.projectList()));
      if (wider.stream().noneMatch(e -> e.exprId().equals(below.column.exprId()))) {
        wider.add(below.column);
      }
      return new Reuse(new Project(Scala.seq(wider), below.plan), below.column);
    }
    return null;
  }

  private static Reuse through(LogicalPlan plan, LogicalPlan child, CallSites.Site site) {
    Reuse below = find(child, site);
    return below == null
        ? null
        : new Reuse((LogicalPlan) plan.withNewChildren(Scala.seq(below.plan)), below.column);
  }

  private static boolean isSame(CompletionGenerator generator, CallSites.Site site) {
    List<Expression> arguments = Scala.list(generator.children());
    List<Expression> wanted = Scala.list(site.call().children());
    if (!generator.call().equals(site.call().call())
        || !covers(arguments.get(CompletionGenerator.GUARD), site.guard())) {
      return false;
    }
    for (int i = 0; i < wanted.size(); i++) {
      if (!arguments.get(i).semanticEquals(wanted.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** Whether the rows that are completed hold all that need the value. */
  private static boolean covers(Expression completed, Expression needed) {
    return completed.equals(Literal.TrueLiteral()) || completed.semanticEquals(needed);
  }
}
