package io.github.gptoss.spark.internal.sql.rules;

import io.github.gptoss.spark.internal.sql.CompletionGenerator;
import io.github.gptoss.spark.internal.sql.Scala;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.Generate;
import org.apache.spark.sql.catalyst.plans.logical.GlobalLimit;
import org.apache.spark.sql.catalyst.plans.logical.LocalLimit;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.RepartitionByExpression;
import org.apache.spark.sql.catalyst.plans.logical.Sort;
import org.apache.spark.sql.catalyst.rules.Rule;
import scala.Option;

/**
 * Spark sorts a whole table by ranges of its keys, and finds these by running what is below the
 * sort once for a sample and once for its rows. A shuffle in between keeps the completions of the
 * first run for the second.
 */
final class MaterializeBeforeSampling extends Rule<LogicalPlan> {
  @Override
  public LogicalPlan apply(LogicalPlan plan) {
    if (!plan.exists(node -> CompletionGenerator.isIn((LogicalPlan) node))) {
      return plan;
    }
    return rewrite(plan, false);
  }

  private static LogicalPlan rewrite(LogicalPlan plan, boolean isLimited) {
    boolean limits = plan instanceof GlobalLimit || plan instanceof LocalLimit;
    LogicalPlan rewritten =
        (LogicalPlan)
            plan.withNewChildren(
                Scala.seq(
                    Scala.list(plan.children()).stream()
                        .map(child -> rewrite(child, limits))
                        .toList()));
    if (!samples(plan, isLimited)) {
      return rewritten;
    }
    LogicalPlan child = (LogicalPlan) rewritten.children().apply(0);
    return isCompletedWithoutShuffle(child)
        ? (LogicalPlan) rewritten.withNewChildren(Scala.seq(shuffled(child)))
        : rewritten;
  }

  /** Sorts below a limit keep the first rows of each partition, without ranges. */
  private static boolean samples(LogicalPlan plan, boolean isLimited) {
    return (plan instanceof Sort sort && sort.global() && !isLimited)
        || (plan instanceof RepartitionByExpression by
            && Scala.list(by.partitionExpressions()).stream()
                .anyMatch(e -> e instanceof SortOrder));
  }

  private static boolean isCompletedWithoutShuffle(LogicalPlan plan) {
    return CompletionGenerator.isIn(plan)
        || ((plan instanceof Project || plan instanceof Filter || plan instanceof Generate)
            && isCompletedWithoutShuffle((LogicalPlan) plan.children().apply(0)));
  }

  private static LogicalPlan shuffled(LogicalPlan plan) {
    return new RepartitionByExpression(Scala.seq(), plan, Option.empty(), Option.empty());
  }
}
