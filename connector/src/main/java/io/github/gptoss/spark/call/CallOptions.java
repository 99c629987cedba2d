package io.github.gptoss.spark.call;

import io.github.gptoss.engine.ModelProbe;
import io.github.gptoss.spark.conf.OptionValues;
import io.github.gptoss.spark.executor.HarmonyPromptRenderer;
import io.github.gptoss.spark.model.ModelLocator;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/** Options of a call, over the session's configuration and checked against the model. */
public final class CallOptions {
  private CallOptions() {}

  /**
   * What executors are to be given for these options in this session.
   *
   * @throws io.github.gptoss.engine.error.GptOssException if an option or the model is wrong
   */
  public static OptionValues checked(SparkSession spark, Map<String, String> options) {
    return check(resolve(options, SparkConfs.of(spark)), spark);
  }

  /**
   * Options over a configuration.
   *
   * @throws io.github.gptoss.engine.error.InvalidConfigException if an option is wrong
   */
  public static OptionValues resolve(Map<String, String> options, Map<String, String> conf) {
    return ModelLocator.absolute(OptionValues.resolve(options, conf));
  }

  /**
   * Checks what needs neither a table nor a loaded model, before there is a session.
   *
   * @param conf Spark's configuration
   */
  public static void check(OptionValues values, Map<String, String> conf) {
    HarmonyPromptRenderer.check(values);
    if (SparkConfs.isOneProcess(conf)) {
      ModelProbe.verifyBackend(values.engineConfig());
    }
    ModelLocator.verify(values, SparkConfs.isOneMachine(conf));
  }

  /**
   * Checks what needs neither a table nor a loaded model.
   *
   * @return what executors are to be given: the options with the model's version pinned
   */
  public static OptionValues check(OptionValues values, SparkSession spark) {
    Map<String, String> conf = SparkConfs.of(spark);
    check(values, conf);
    return ModelLocator.pin(values, SparkConfs.isOneMachine(conf), () -> SparkConfs.hadoop(spark));
  }
}
