package io.github.gptoss.spark.internal.sql.rules;

import io.github.gptoss.spark.internal.sql.CompletionGenerator;
import io.github.gptoss.spark.internal.sql.Scala;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.ExprId;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.plans.logical.Generate;
import org.apache.spark.sql.catalyst.plans.logical.GlobalLimit;
import org.apache.spark.sql.catalyst.plans.logical.LocalLimit;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Offset;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.Sort;
import org.apache.spark.sql.catalyst.rules.Rule;
import scala.collection.immutable.Seq;

/**
 * What Spark cannot know: that completing gives exactly one row for each. Limits and top-N go below
 * it, and completions that the query does not read are not made.
 */
final class PushThroughCompletions extends Rule<LogicalPlan> {
  private static final int MOST_ROWS_IN_ONE_PARTITION = 1000;

  @Override
  public LogicalPlan apply(LogicalPlan plan) {
    if (!plan.exists(node -> CompletionGenerator.isIn((LogicalPlan) node))) {
      return plan;
    }
    if (plan instanceof GlobalLimit limit
        && limit.child() instanceof LocalLimit local
        && sorted(local) == null) {
      // The query's last operator: Spark asks partition by partition until it has its rows, where
      // counting them below would have all partitions read first.
      return (LogicalPlan) limit.withNewChildren(Scala.seq(pushIn(local)));
    }
    return pushIn(plan);
  }

  private static LogicalPlan pushIn(LogicalPlan plan) {
    return (LogicalPlan)
        plan.transformUp(Scala.everywhere(LogicalPlan.class, PushThroughCompletions::push));
  }

  private static LogicalPlan push(LogicalPlan plan) {
    if (plan instanceof LocalLimit limit) {
      return limit(limit);
    }
    if (plan instanceof GlobalLimit limit && limit.child() instanceof LocalLimit local) {
      Sort sort = sorted(local);
      return sort != null && sort.global() ? topN(limit, local, sort) : fewest(limit, local);
    }
    if (plan instanceof Project project && CompletionGenerator.isIn(project.child())) {
      Generate generate = (Generate) project.child();
      Attribute completion = generate.generatorOutput().head();
      return project.references().contains(completion)
          ? project
          : new Project(project.projectList(), generate.child());
    }
    return plan;
  }

  /** Limit(Project(Complete(x))) becomes Limit(Project(Complete(Limit(x)))). */
  private static LogicalPlan limit(LocalLimit limit) {
    LogicalPlan pushed =
        belowCalls(
            limit.child(),
            child -> isLimited(child) ? null : new LocalLimit(limit.limitExpr(), child));
    return pushed == null ? limit : new LocalLimit(limit.limitExpr(), pushed);
  }

  /**
   * A small limit counts over all partitions before anything is completed. A large one stays as it
   * is: its rows would all be in one partition, which is one executor's.
   */
  private static LogicalPlan fewest(GlobalLimit limit, LocalLimit local) {
    boolean isSmall =
        limit.limitExpr() instanceof Literal literal
            && literal.value() instanceof Integer rows
            && rows <= MOST_ROWS_IN_ONE_PARTITION;
    if (!isSmall || limit.isStreaming()) {
      return limit;
    }
    LogicalPlan counted =
        belowCalls(
            local.child(),
            child ->
                child instanceof LocalLimit below && below.limitExpr().equals(limit.limitExpr())
                    ? new GlobalLimit(limit.limitExpr(), child)
                    : null);
    return counted == null
        ? limit
        : new GlobalLimit(limit.limitExpr(), new LocalLimit(limit.limitExpr(), counted));
  }

  /**
   * The plan, of projections and calls, with what the lowest call completes changed.
   *
   * @param change gives null where it changes nothing
   * @return null where nothing is changed
   */
  private static LogicalPlan belowCalls(LogicalPlan plan, UnaryOperator<LogicalPlan> change) {
    boolean isCall = CompletionGenerator.isIn(plan);
    if (!isCall && !(plan instanceof Project)) {
      return null;
    }
    LogicalPlan child = (LogicalPlan) plan.children().apply(0);
    LogicalPlan changed = belowCalls(child, change);
    if (changed == null && isCall) {
      changed = change.apply(child);
    }
    return changed == null ? null : (LogicalPlan) plan.withNewChildren(Scala.seq(changed));
  }

  private static boolean isLimited(LogicalPlan plan) {
    return plan instanceof LocalLimit
        || plan instanceof GlobalLimit
        || plan instanceof Offset
        || ((plan instanceof Project || CompletionGenerator.isIn(plan))
            && isLimited((LogicalPlan) plan.children().apply(0)));
  }

  /** The sort whose first rows are asked for, under a projection that drops its keys or not. */
  private static Sort sorted(LocalLimit local) {
    LogicalPlan child = local.child() instanceof Project project ? project.child() : local.child();
    return child instanceof Sort sort ? sort : null;
  }

  /** Where no sort key needs the completion, only the rows that remain are completed. */
  private static LogicalPlan topN(GlobalLimit limit, LocalLimit local, Sort sort) {
    Project below =
        sort.child() instanceof Project project && CompletionGenerator.isIn(project.child())
            ? project
            : null;
    LogicalPlan completed =
        below == null
            ? topN(limit, local, sort, sort.child())
            : topN(limit, local, madeBelow(sort, below), below.child());
    if (completed == null) {
      return limit;
    }
    LogicalPlan rows = below == null ? completed : new Project(below.projectList(), completed);
    return local.child() instanceof Project above ? new Project(above.projectList(), rows) : rows;
  }

  /** The sort with what the projection computes for its keys in the place of those columns. */
  private static Sort madeBelow(Sort sort, Project project) {
    Map<ExprId, Expression> computed = new HashMap<>();
    for (NamedExpression column : Scala.list(project.projectList())) {
      if (column instanceof Alias alias && alias.child().deterministic()) {
        computed.put(alias.exprId(), alias.child());
      }
    }
    return (Sort)
        sort.transformExpressions(
            Scala.<Expression, Attribute>everywhere(
                Attribute.class,
                column -> computed.getOrDefault(((Attribute) column).exprId(), column)));
  }

  private static LogicalPlan topN(
      GlobalLimit limit, LocalLimit local, Sort sort, LogicalPlan completion) {
    if (!CompletionGenerator.isIn(completion)) {
      return null;
    }
    LogicalPlan input = ((Generate) completion).child();
    List<SortOrder> keys = Scala.list(sort.order());
    if (!keys.stream().allMatch(key -> key.references().subsetOf(input.outputSet()))) {
      return null;
    }
    Seq<LogicalPlan> sorted = Scala.seq((LogicalPlan) sort.withNewChildren(Scala.seq(input)));
    LogicalPlan fewest =
        new GlobalLimit(limit.limitExpr(), (LogicalPlan) local.withNewChildren(sorted));
    return (LogicalPlan) completion.withNewChildren(Scala.seq(fewest));
  }
}
