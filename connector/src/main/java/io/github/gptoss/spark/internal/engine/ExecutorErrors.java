package io.github.gptoss.spark.internal.engine;

import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidRequestException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** Errors of the executor's side. */
public final class ExecutorErrors {
  private ExecutorErrors() {}

  static InvalidConfigException conflict(EngineConfig running, EngineConfig wanted) {
    return new InvalidConfigException(
        ("this executor already runs an engine with %s and was asked for one with %s: an executor"
                + " runs one engine, so give both calls the same model and engine options, or run"
                + " them one after the other")
            .formatted(differing(running, wanted), differing(wanted, running)));
  }

  /**
   * The settings of {@code config} that {@code other} has otherwise, for instance {@code
   * threads=3}.
   */
  private static String differing(EngineConfig config, EngineConfig other) {
    List<String> settings = new ArrayList<>();
    for (RecordComponent setting : EngineConfig.class.getRecordComponents()) {
      Object value = value(setting, config);
      if (!Objects.equals(value, value(setting, other))) {
        settings.add(optionName(setting.getName()) + "=" + value);
      }
    }
    return String.join(", ", settings);
  }

  private static Object value(RecordComponent setting, EngineConfig config) {
    try {
      return setting.getAccessor().invoke(config);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a public record can be read", e);
    }
  }

  private static String optionName(String component) {
    return component.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }

  static InvalidConfigException gpuAddress(String address) {
    return new InvalidConfigException(
        "Spark gave the GPU address '"
            + address
            + "', which is no device number: let the discovery script print numbers from 0, as"
            + " conf/gpu-discovery.sh does");
  }

  static InvalidConfigException tooFewGpus(List<String> addresses, int wanted) {
    return new InvalidConfigException(
        ("pipeline_parallel_size is %1$s, and Spark gave this executor %2$s%3$s: set"
                + " spark.executor.resource.gpu.amount to %1$s, or spark.task.resource.gpu.amount"
                + " where GptOssPlugin is not in spark.plugins")
            .formatted(
                wanted, addresses.size() == 1 ? "GPU " : "GPUs ", String.join(", ", addresses)));
  }

  static GptOssException engineKeepsDying(int deaths) {
    return new GptOssException(
        "the engine died "
            + deaths
            + " times in this process and is not opened again: see in the log what it died of, mend"
            + " that (for want of memory, lower kv_cache_bytes or max_num_seqs), and start the"
            + " application anew");
  }

  static GptOssException executorEnds() {
    return new GptOssException(
        "the engine of this executor died, and the executor ends: Spark runs the task on another");
  }

  /** Says where and what, and leaves the row's message, which may quote the row, in the row. */
  public static InvalidRequestException rowFailed(String code, long row, int partition) {
    return rowFailed(code, "row " + row + " of partition " + partition + " (both from 0)");
  }

  public static InvalidRequestException rowFailed(String code) {
    return rowFailed(code, "a row");
  }

  private static InvalidRequestException rowFailed(String code, String row) {
    return new InvalidRequestException(
        code,
        row
            + " failed with "
            + code
            + ", and option fail_on_error is true: set it to false to have the error in its row");
  }

  /** An unchecked exception as it is, for all who wait for the same; others wrapped. */
  static RuntimeException rethrown(Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RuntimeException e
        ? e
        : new GptOssException("the engine failed: " + cause, cause);
  }
}
