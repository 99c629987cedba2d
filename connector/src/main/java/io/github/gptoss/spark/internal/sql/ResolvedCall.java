package io.github.gptoss.spark.internal.sql;

import io.github.gptoss.engine.ModelProbe;
import io.github.gptoss.spark.internal.budget.Budget;
import io.github.gptoss.spark.internal.budget.BudgetService;
import io.github.gptoss.spark.internal.journal.CompletionCache;
import io.github.gptoss.spark.internal.models.ModelLocator;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import io.github.gptoss.spark.internal.options.SparkConfs;
import io.github.gptoss.spark.internal.prompts.HarmonyPromptRenderer;
import io.github.gptoss.spark.internal.tools.ToolTables;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.SparkSession;

/**
 * The options of one query or one run of a job: read over the session's configuration, checked, and
 * with the model's version pinned. It is made once and handed on, since a hub's branch or a folder
 * may move: options that are resolved a second time could name another version of the model.
 *
 * @param options what executors are given
 */
public record ResolvedCall(OptionValues options) {
  /**
   * Resolves the options of a call in a session.
   *
   * @param options by name
   * @throws io.github.gptoss.engine.error.GptOssException if an option or the model is wrong
   */
  public static ResolvedCall of(SparkSession spark, Map<String, String> options) {
    return of(spark, options, Set.of());
  }

  /**
   * The same of a call that has expressions for some of its options.
   *
   * @param ofRows those options, which are the rows' to check
   */
  static ResolvedCall of(SparkSession spark, Map<String, String> options, Set<OptionKey> ofRows) {
    Map<String, String> conf = SparkConfs.of(spark);
    OptionValues values = resolve(options, conf);
    values.checkVote(ofRows);
    check(values, conf);
    ToolTables.check(spark, values);
    if (values.isSet(OptionKey.COMPLETION_CACHE)) {
      CompletionCache.check(values.text(OptionKey.COMPLETION_CACHE), SparkConfs.hadoop(spark));
    }
    if (Budget.of(values).isLimited()) {
      BudgetService.serve();
    }
    return new ResolvedCall(
        ModelLocator.pin(values, SparkConfs.isOneMachine(conf), () -> SparkConfs.hadoop(spark)));
  }

  /**
   * The same call, of the same version of the model, with another value of one option.
   *
   * @param option no option that says which model to run or where it is
   * @throws io.github.gptoss.engine.error.InvalidConfigException if the value is not what the
   *     option takes
   */
  public ResolvedCall with(OptionKey option, String value) {
    return new ResolvedCall(options.with(option, value));
  }

  /** The same call with some options as if they had not been set. */
  public ResolvedCall without(OptionKey... unset) {
    return new ResolvedCall(options.without(unset));
  }

  /** Another call of the same version of the model; see {@link OptionValues#ofSameModel}. */
  public ResolvedCall ofSameModel(Map<OptionKey, String> others) {
    return new ResolvedCall(options.ofSameModel(others));
  }

  /**
   * Options over a configuration, for callers that have no session yet; nothing is pinned.
   *
   * @throws io.github.gptoss.engine.error.InvalidConfigException if an option is wrong
   */
  public static OptionValues resolve(Map<String, String> options, Map<String, String> conf) {
    return ModelLocator.absolute(OptionValues.resolve(options, conf));
  }

  /**
   * Checks what needs neither a session, a table nor a loaded model.
   *
   * @param conf Spark's configuration
   * @throws io.github.gptoss.engine.error.GptOssException if an option or the model is wrong
   */
  public static void check(OptionValues values, Map<String, String> conf) {
    HarmonyPromptRenderer.check(values);
    if (SparkConfs.isOneProcess(conf)) {
      ModelProbe.verifyBackend(values.engineConfig());
    }
    ModelLocator.verify(values, SparkConfs.isOneMachine(conf));
  }
}
