package io.github.gptoss.spark.internal.tools;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.harmony.ToolNamespace;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The tools of one call, as its options say them.
 *
 * @param maxRounds how often the tools of a row answer, at most
 * @param limit time of a call
 * @param concurrency batches of calls that one tool has under way at a time
 * @param browser null for none
 * @param executors settings of a program's own, by name
 */
public record ToolOptions(
    int maxRounds,
    Duration limit,
    int concurrency,
    Map<String, LookupSpec> lookups,
    Map<String, HttpSpec> http,
    Map<String, ProcessSpec> processes,
    BrowserSpec browser,
    Map<String, Map<String, String>> executors) {
  /** Of an answer, unless an option says otherwise. */
  static final int MAX_BYTES = 1 << 16;

  /** What an option may say: more than an answer has that fits a context, however it is written. */
  static final int MOST_BYTES = 1 << 24;

  static final String PYTHON = "python";

  private static final List<OptionKey> TOOLS =
      List.of(
          OptionKey.TOOL_LOOKUP,
          OptionKey.TOOL_HTTP,
          OptionKey.TOOL_PROCESS,
          OptionKey.TOOL_BROWSER,
          OptionKey.TOOL_EXECUTORS);

  /**
   * Reads the options.
   *
   * @throws InvalidConfigException if they are not what they must be, or go with no others
   */
  public static ToolOptions of(OptionValues options) {
    List<String> allowed = options.listValue(OptionKey.TOOL_HTTP_ALLOW);
    Settings browser = Settings.of(options, OptionKey.TOOL_BROWSER);
    ToolOptions tools =
        new ToolOptions(
            options.intValue(OptionKey.MAX_TOOL_ROUNDS),
            Duration.ofMillis(
                Math.round(1000 * options.doubleValue(OptionKey.TOOL_TIMEOUT_SECONDS))),
            options.intValue(OptionKey.TOOL_CONCURRENCY),
            byName(options, OptionKey.TOOL_LOOKUP, LookupSpec::of),
            byName(options, OptionKey.TOOL_HTTP, settings -> HttpSpec.of(settings, allowed)),
            byName(options, OptionKey.TOOL_PROCESS, ProcessSpec::of),
            browser == null ? null : BrowserSpec.of(browser),
            byName(options, OptionKey.TOOL_EXECUTORS, Settings::asTexts));
    tools.requireOneToolEach();
    if (tools.areOn() && options.text(OptionKey.OVERFLOW).equals("map_reduce")) {
      throw ToolErrors.reduction(
          TOOLS.stream().filter(options::isSet).findFirst().orElseThrow().optionName());
    }
    return tools;
  }

  private static <T> Map<String, T> byName(
      OptionValues options, OptionKey key, Function<Settings, T> reader) {
    Settings settings = Settings.of(options, key);
    Map<String, T> specs = new LinkedHashMap<>();
    if (settings != null) {
      settings.objects().forEach((name, spec) -> specs.put(name, reader.apply(spec)));
    }
    return specs;
  }

  private void requireOneToolEach() {
    Set<String> seen = new HashSet<>();
    for (Map<String, ?> functions : List.of(lookups, http, processes)) {
      for (String function : functions.keySet()) {
        if (!seen.add(function)) {
          throw ToolErrors.givenTwice(function);
        }
      }
    }
    if (browser != null) {
      BrowserTool.FUNCTIONS.stream()
          .filter(seen::contains)
          .findFirst()
          .ifPresent(
              function -> {
                throw ToolErrors.givenTwice(function);
              });
    }
  }

  /** Whether anything answers calls of the model. */
  public boolean areOn() {
    boolean areAny =
        browser != null
            || !lookups.isEmpty()
            || !http.isEmpty()
            || !processes.isEmpty()
            || !executors.isEmpty();
    return areAny && maxRounds > 0;
  }

  /** The tools that the models were trained with, which the system message has to show. */
  public List<ToolNamespace> systemTools() {
    List<ToolNamespace> shown = new ArrayList<>();
    if (browser != null && areOn()) {
      shown.add(ToolNamespace.browser());
    }
    ProcessSpec python = processes.get(PYTHON);
    if (python != null && areOn()) {
      shown.add(
          python.description() == null
              ? ToolNamespace.python()
              : new ToolNamespace(PYTHON, python.description(), List.of()));
    }
    return shown;
  }
}
