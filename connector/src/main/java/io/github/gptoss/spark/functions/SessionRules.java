package io.github.gptoss.spark.functions;

import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.SparkSessionExtensions;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.rules.Rule;
import scala.Function1;
import scala.runtime.AbstractFunction1;

/** What a session needs to know: functions, rules and the strategy. */
public final class SessionRules {
  private SessionRules() {}

  /** Adds everything to sessions that are built with these extensions. */
  public static void inject(SparkSessionExtensions extensions, CallCheck check) {
    new SqlFunctions(check).all().forEach(extensions::injectFunction);
    extensions.injectPlanNormalizationRule(always(new ExtractCompletions(false)));
    extensions.injectPreCBORule(always(new ExtractCompletions(true)));
    extensions.injectPreCBORule(always(new MaterializeBeforeSampling()));
    extensions.injectOptimizerRule(always(new PushThroughCompletions()));
    extensions.injectPlannerStrategy(always(new CompletionStrategy()));
  }

  private static <T> Function1<SparkSession, T> always(T value) {
    return new AbstractFunction1<>() {
      @Override
      public T apply(SparkSession session) {
        return value;
      }
    };
  }

  static Rule<LogicalPlan> beforeCaching() {
    return new ExtractCompletions(false);
  }
}
