package io.github.gptoss.spark.internal.sql.rules;

import io.github.gptoss.spark.internal.sql.BatchGenerateExec;
import io.github.gptoss.spark.internal.sql.CompletionGenerator;
import io.github.gptoss.spark.internal.sql.Scala;
import org.apache.spark.sql.catalyst.plans.logical.Generate;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.SparkStrategy;
import scala.collection.immutable.Seq;

/** Plans extracted calls as {@link BatchGenerateExec}. */
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
    return Scala.seq();
  }
}
