package io.github.gptoss.spark.internal.sql.rules;

import io.github.gptoss.spark.internal.sql.Scala;
import io.github.gptoss.spark.internal.sql.SqlFunctions;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.ExperimentalMethods;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.SparkSessionExtensions;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.rules.Rule;
import org.apache.spark.sql.execution.SparkStrategy;
import scala.Function1;

/** What a session needs to know: functions, rules and the strategy. */
public final class SessionRules {
  private SessionRules() {}

  /** Adds everything to sessions that are built with these extensions. */
  public static void inject(SparkSessionExtensions extensions) {
    SqlFunctions.all().forEach(extensions::injectFunction);
    beforeOptimizing().forEach(rule -> extensions.injectPlanNormalizationRule(always(rule)));
    extensions.injectPreCBORule(always(new ExtractCompletions(true)));
    extensions.injectPreCBORule(always(new MaterializeBeforeSampling()));
    extensions.injectOptimizerRule(always(new PushThroughCompletions()));
    extensions.injectPlannerStrategy(always(new CompletionStrategy()));
  }

  private static <T> Function1<SparkSession, T> always(T value) {
    return session -> value;
  }

  /**
   * What has to have happened when the optimizer sees a plan, and when it is looked up in a cache.
   */
  static List<Rule<LogicalPlan>> beforeOptimizing() {
    return List.of(new ReplaceCompletionTables(null), new ExtractCompletions(false));
  }

  /**
   * Adds what plans without SQL functions need, to a session that has not been built with {@link
   * #inject}: through Spark's own door for sessions that run. Adding twice is adding once.
   */
  public static void addTo(SparkSession session) {
    org.apache.spark.sql.classic.SparkSession spark =
        (org.apache.spark.sql.classic.SparkSession) session;
    if (LiveSession.isInstalled(spark.sessionState())) {
      return;
    }
    ExperimentalMethods methods = spark.experimental();
    synchronized (methods) {
      if (Scala.list(methods.extraStrategies()).stream()
          .anyMatch(strategy -> strategy instanceof CompletionStrategy)) {
        return;
      }
      List<Rule<LogicalPlan>> rules = new ArrayList<>(Scala.list(methods.extraOptimizations()));
      rules.add(new ReplaceCompletionTables(spark));
      rules.add(new PushThroughCompletions());
      rules.add(new MaterializeBeforeSampling());
      methods.extraOptimizations_$eq(Scala.seq(rules));
      List<SparkStrategy> strategies = new ArrayList<>(Scala.list(methods.extraStrategies()));
      strategies.add(new CompletionStrategy());
      methods.extraStrategies_$eq(Scala.seq(strategies));
    }
  }
}
