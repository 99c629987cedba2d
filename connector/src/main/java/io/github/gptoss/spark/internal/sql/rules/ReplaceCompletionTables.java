package io.github.gptoss.spark.internal.sql.rules;

import io.github.gptoss.spark.internal.sql.Scala;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.analysis.DeduplicateRelations;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.Inner$;
import org.apache.spark.sql.catalyst.plans.logical.Join;
import org.apache.spark.sql.catalyst.plans.logical.JoinHint;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.rules.Rule;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.execution.datasources.v2.DataSourceV2Relation;
import org.apache.spark.sql.execution.datasources.v2.DataSourceV2ScanRelation;
import scala.Option;
import scala.collection.immutable.Seq;

/**
 * Puts the plan of a {@link CompletionTable} in its place, which Spark then optimizes like any
 * other: what a query does not read of it is not generated.
 */
final class ReplaceCompletionTables extends Rule<LogicalPlan> {
  private final SparkSession late;

  /**
   * @param late the session whose optimizer the plan has passed already, and passes again where it
   *     had such a table; null before the optimizer
   */
  ReplaceCompletionTables(SparkSession late) {
    this.late = late;
  }

  @Override
  public LogicalPlan apply(LogicalPlan plan) {
    LogicalPlan replaced =
        (LogicalPlan)
            plan.transformUpWithSubqueries(
                Scala.everywhere(LogicalPlan.class, ReplaceCompletionTables::replaced));
    return late == null || replaced.fastEquals(plan)
        ? replaced
        : late.sessionState().optimizer().execute(replaced);
  }

  private static LogicalPlan replaced(LogicalPlan plan) {
    if (plan instanceof DataSourceV2Relation read
        && read.table() instanceof CompletionTable table) {
      return as(read.output(), table.plan());
    }
    if (plan instanceof DataSourceV2ScanRelation read
        && read.relation().table() instanceof CompletionTable table) {
      return as(read.output(), table.plan());
    }
    return plan;
  }

  /** The plan's columns under the identities that the query knows the table's by. */
  private static LogicalPlan as(Seq<? extends Attribute> output, LogicalPlan plan) {
    LogicalPlan copy = fresh(plan);
    List<Attribute> columns = Scala.list(copy.output());
    List<NamedExpression> named = new ArrayList<>();
    for (Attribute known : Scala.list(output)) {
      Attribute column = columns.get(named.size());
      named.add(
          new Alias(
              (Expression) column,
              known.name(),
              known.exprId(),
              known.qualifier(),
              Option.apply(known.metadata()),
              Scala.seq()));
    }
    return new Project(Scala.seq(named), copy);
  }

  /**
   * A copy whose columns have identities of their own, since a query may read a table twice. Spark
   * makes one for the second side of a join, as it does itself where it inlines a table expression
   * a second time.
   */
  private static LogicalPlan fresh(LogicalPlan plan) {
    LogicalPlan both = new Join(plan, plan, Inner$.MODULE$, Option.empty(), JoinHint.NONE());
    return (LogicalPlan) ((LogicalPlan) DeduplicateRelations.apply(both)).children().apply(1);
  }
}
