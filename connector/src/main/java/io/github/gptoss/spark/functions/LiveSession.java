package io.github.gptoss.spark.functions;

import io.github.gptoss.engine.error.GptOssException;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.rules.Rule;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.internal.SessionState;
import scala.collection.immutable.Seq;

/** Adds the functions to a session that is running, without its having been built for it. */
public final class LiveSession {
  private static final String NORMALIZATION = "planNormalizationRules";

  private LiveSession() {}

  /** Whether the session has the functions and the rules that batch them. */
  public static boolean isInstalled(org.apache.spark.sql.SparkSession session) {
    SessionState state = ((SparkSession) session).sessionState();
    return Scala.list(state.planNormalizationRules()).stream()
            .anyMatch(rule -> rule instanceof ExtractCompletions)
        && state
            .functionRegistry()
            .functionExists(FunctionIdentifier.apply(FunctionName.GENERATE.sqlName()));
  }

  /**
   * Adds what {@link SessionRules} adds, to this session and to those made from it; once.
   *
   * @throws GptOssException if this Spark keeps its rules where they cannot be reached
   */
  public static synchronized void install(
      org.apache.spark.sql.SparkSession session, CallCheck check) {
    if (isInstalled(session)) {
      return;
    }
    SparkSession spark = (SparkSession) session;
    SessionState state = spark.sessionState();
    // The optimizer and the planner ask the extensions for their rules at every plan, and sessions
    // made from this one are built with them; functions and normalization rules were taken already.
    SessionRules.inject(spark.extensions(), check);
    new SqlFunctions(check)
        .all()
        .forEach(f -> state.functionRegistry().registerFunction(f._1(), f._2(), f._3()));
    addNormalization(state);
  }

  /** There is no door for it: the rule has to run before the optimizer sees the plan. */
  private static void addNormalization(SessionState state) {
    List<Rule<LogicalPlan>> rules = new ArrayList<>(Scala.list(state.planNormalizationRules()));
    rules.add(SessionRules.beforeCaching());
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
