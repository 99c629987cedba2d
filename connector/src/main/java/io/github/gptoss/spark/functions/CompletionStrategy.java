package io.github.gptoss.spark.functions;

import org.apache.spark.sql.catalyst.plans.logical.Generate;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.ReturnAnswer;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.SparkStrategy;
import scala.collection.immutable.Seq;

/**
 * Plans extracted calls as {@link BatchGenerateExec}. A limit that is the query's last operator is
 * left to Spark, which asks partition by partition until it has its rows: counting them below would
 * have all partitions read first.
 */
final class CompletionStrategy extends SparkStrategy {
  @Override
  public Seq<SparkPlan> apply(LogicalPlan plan) {
    if (plan instanceof Generate generate
        && generate.generator() instanceof CompletionGenerator generator) {
      return Scala.seq(
          new BatchGenerateExec(
              generator,
              generate.requiredChildOutput(),
              generate.generatorOutput(),
              planLater(generate.child())));
    }
    if (plan instanceof ReturnAnswer answer) {
      LogicalPlan uncounted = PushThroughCompletions.uncounted(answer.child());
      return uncounted == null
          ? Scala.seq()
          : Scala.seq(planLater((LogicalPlan) answer.withNewChildren(Scala.seq(uncounted))));
    }
    return Scala.seq();
  }
}
