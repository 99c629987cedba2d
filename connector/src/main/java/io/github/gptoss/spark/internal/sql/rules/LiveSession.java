package io.github.gptoss.spark.internal.sql.rules;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.spark.internal.sql.Scala;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.rules.Rule;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.internal.SessionState;
import scala.collection.immutable.Seq;

/** Adds the functions to a session that is running, without its having been built for it. */
public final class LiveSession {
  private static final String NORMALIZATION = "planNormalizationRules";

  private LiveSession() {}

  static boolean isInstalled(SessionState state) {
    return Scala.list(state.planNormalizationRules()).stream()
        .anyMatch(rule -> rule instanceof ExtractCompletions);
  }

  /**
   * Adds what {@link SessionRules} adds, to this session and to those made from it; once.
   *
   * @throws GptOssException if this Spark keeps its rules where they cannot be reached
   */
  public static synchronized void install(org.apache.spark.sql.SparkSession session) {
    SparkSession spark = (SparkSession) session;
    SessionState state = spark.sessionState();
    if (isInstalled(state)) {
      return;
    }
    // The optimizer and the planner ask the extensions for their rules at every plan, and sessions
    // made from this one are built with them; functions and normalization rules were taken already.
    SessionRules.inject(spark.extensions());
    spark.extensions().registerFunctions(state.functionRegistry());
    addNormalization(state);
  }

  /** There is no door for it: the rule has to run before the optimizer sees the plan. */
  private static void addNormalization(SessionState state) {
    List<Rule<LogicalPlan>> rules = new ArrayList<>(Scala.list(state.planNormalizationRules()));
    rules.addAll(SessionRules.beforeOptimizing());
    Seq<Rule<LogicalPlan>> all = Scala.seq(rules);
    try {
      Field field = SessionState.class.getDeclaredField(NORMALIZATION);
      field.setAccessible(true);
      field.set(state, all);
    } catch (ReflectiveOperationException e) {
      throw new GptOssException(
          "the gpt-oss functions cannot be added to a running session of this Spark: set"
              + " spark.sql.extensions=io.github.gptoss.spark.GptOssExtensions when it starts",
          e);
    }
  }
}
