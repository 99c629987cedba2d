package io.github.gptoss.spark.conf;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.engine.ByteCount;
import io.github.gptoss.engine.EngineConfig;
import java.io.Serializable;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The options of one call, checked. Holds the texts that were given and reads them as what they
 * are; small and serializable, so that it travels with a task.
 */
public final class OptionValues implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final String SPECULATION = "spark.speculation";

  /** Options that say where a row's prompt is; a call has one of them. */
  public static final List<OptionKey> PROMPT_SOURCES =
      List.of(
          OptionKey.MESSAGES_COL,
          OptionKey.REQUEST_COL,
          OptionKey.PROMPT_TEMPLATE,
          OptionKey.PROMPT_COL);

  private static final List<String> EFFORTS = List.of("low", "medium", "high", "none");

  /**
   * What bounds the requests in flight is every task's window, which a kill can end at any time;
   * the engine's own bound, which would block a task inside the engine, is set out of reach.
   */
  private static final int MAX_QUEUED_REQUESTS = 1 << 20;

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final List<String> COPIES = List.of("auto", "always", "never");

  private final EnumMap<OptionKey, String> given;

  /** Ordered and serializable; holds secrets, so nothing shows it. */
  private final TreeMap<String, String> modelAccess;

  private OptionValues(EnumMap<OptionKey, String> given, Map<String, String> modelAccess) {
    this.given = given;
    this.modelAccess = new TreeMap<>(modelAccess);
  }

  /**
   * Options over the configuration's {@code spark.gptoss.*} entries over defaults.
   *
   * @param options by name, in any spelling; a null value is as good as none
   * @param conf Spark's configuration; only keys that begin with {@link OptionKey#CONF_PREFIX}
   *     count
   * @throws io.github.gptoss.engine.error.InvalidConfigException if a name is unknown, a value is
   *     not what its option takes, or two options exclude each other; or if the configuration turns
   *     speculative execution on
   */
  public static OptionValues resolve(Map<String, String> options, Map<String, String> conf) {
    if (Boolean.parseBoolean(conf.getOrDefault(SPECULATION, "false").strip())) {
      throw ConfErrors.speculation();
    }
    EnumMap<OptionKey, String> strong = byKey(options);
    Map<String, String> fromConf = new TreeMap<>();
    conf.forEach(
        (name, value) -> {
          if (name.startsWith(OptionKey.CONF_PREFIX)) {
            fromConf.put(name.substring(OptionKey.CONF_PREFIX.length()), value);
          }
        });
    EnumMap<OptionKey, String> weak = byKey(fromConf);
    if (promptSources(strong) > 0) {
      // A call that says where its prompts are is not to be contradicted by the configuration.
      weak.keySet().removeAll(PROMPT_SOURCES);
    }
    weak.putAll(strong);
    OptionValues values = new OptionValues(weak, Map.of());
    values.check();
    return values;
  }

  /**
   * These options with a row's own instead of the call's.
   *
   * @param overrides only options that are {@link OptionKey#isPerRow}
   * @throws io.github.gptoss.engine.error.InvalidConfigException if a value is not what its option
   *     takes
   */
  public OptionValues with(Map<OptionKey, String> overrides) {
    EnumMap<OptionKey, String> values = new EnumMap<>(OptionKey.class);
    values.putAll(given);
    values.putAll(overrides);
    OptionValues own = new OptionValues(values, modelAccess);
    own.checkRequest();
    return own;
  }

  private static int promptSources(EnumMap<OptionKey, String> values) {
    int sources = 0;
    for (OptionKey key : PROMPT_SOURCES) {
      sources += values.containsKey(key) ? 1 : 0;
    }
    return sources;
  }

  /**
   * Options by key; those whose value is null are left out.
   *
   * @throws io.github.gptoss.engine.error.InvalidConfigException if a name is unknown, or one
   *     option is given in two spellings
   */
  public static EnumMap<OptionKey, String> byKey(Map<String, String> named) {
    EnumMap<OptionKey, String> values = new EnumMap<>(OptionKey.class);
    named.forEach(
        (name, value) -> {
          OptionKey key = OptionKey.of(name);
          if (value != null && values.put(key, value) != null) {
            throw ConfErrors.givenTwice(key);
          }
        });
    return values;
  }

  /** These options with another value of one of them. */
  public OptionValues with(OptionKey key, String value) {
    EnumMap<OptionKey, String> changed = new EnumMap<>(given);
    changed.put(key, value);
    OptionValues values = new OptionValues(changed, modelAccess);
    values.check();
    return values;
  }

  /**
   * The same options, with the model's address as the driver understood it.
   *
   * @param access what executors need to read the model; may hold secrets
   */
  public OptionValues located(String model, Map<String, String> access) {
    EnumMap<OptionKey, String> values = new EnumMap<>(given);
    values.put(OptionKey.MODEL, model);
    return new OptionValues(values, access);
  }

  /** What {@link #located} was given; empty before. To be shown to nobody. */
  public Map<String, String> modelAccess() {
    return Collections.unmodifiableMap(modelAccess);
  }

  /** Whether somebody set the option, its default aside. */
  public boolean isSet(OptionKey key) {
    return given.containsKey(key);
  }

  /** The value, or the default, which may be null. */
  public String text(OptionKey key) {
    return given.getOrDefault(key, key.defaultValue());
  }

  public int intValue(OptionKey key) {
    long value = longValue(key);
    if (value != (int) value) {
      throw ConfErrors.outOfRange(key, value, "a 32-bit number");
    }
    return (int) value;
  }

  public long longValue(OptionKey key) {
    try {
      return Long.parseLong(text(key).strip());
    } catch (NumberFormatException e) {
      throw ConfErrors.notA(key, "a whole number", text(key));
    }
  }

  /** A finite number. */
  public double doubleValue(OptionKey key) {
    double value;
    try {
      value = Double.parseDouble(text(key).strip());
    } catch (NumberFormatException e) {
      throw ConfErrors.notA(key, "a number", text(key));
    }
    if (!Double.isFinite(value)) {
      throw ConfErrors.notA(key, "a finite number", text(key));
    }
    return value;
  }

  public boolean booleanValue(OptionKey key) {
    return switch (text(key).strip().toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw ConfErrors.notA(key, "true or false", text(key));
    };
  }

  /** Bytes; accepts Spark's suffixes k, m, g and t. */
  public long bytesValue(OptionKey key) {
    return ByteCount.parse(text(key))
        .orElseThrow(() -> ConfErrors.notA(key, ByteCount.FORM, text(key)));
  }

  /** One string, or the strings of a JSON array; empty where the option is not set. */
  public List<String> listValue(OptionKey key) {
    String text = text(key);
    if (text == null) {
      return List.of();
    }
    if (!text.stripLeading().startsWith("[")) {
      return List.of(text);
    }
    try {
      List<String> strings = JSON.readValue(text, new TypeReference<List<String>>() {});
      return strings.stream().allMatch(s -> s != null && !s.isEmpty()) ? strings : refuseList(key);
    } catch (JsonProcessingException e) {
      return refuseList(key);
    }
  }

  private static List<String> refuseList(OptionKey key) {
    throw ConfErrors.notAList(key);
  }

  /** Numbers by token id; empty where the option is not set. */
  public Map<Integer, Float> logitBias() {
    String text = text(OptionKey.LOGIT_BIAS);
    if (text == null) {
      return Map.of();
    }
    try {
      Map<Integer, Float> bias = JSON.readValue(text, new TypeReference<Map<Integer, Float>>() {});
      if (bias != null && bias.values().stream().allMatch(b -> b != null && Math.abs(b) <= 100)) {
        return bias;
      }
    } catch (JsonProcessingException e) {
      // Told below: Jackson's message may quote the text.
    }
    throw ConfErrors.notA(
        OptionKey.LOGIT_BIAS, "a JSON object of numbers between -100 and 100 by token id", text);
  }

  /** What {@link #listValue} reads back as {@code strings}. */
  public static String jsonArray(List<String> strings) {
    try {
      return JSON.writeValueAsString(strings);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("strings always have a JSON form", e);
    }
  }

  /** low, medium, high or none; null where it is not set. */
  public String reasoningEffort() {
    String effort = text(OptionKey.REASONING_EFFORT);
    if (effort == null) {
      return null;
    }
    String folded = effort.strip().toLowerCase(Locale.ROOT);
    if (!EFFORTS.contains(folded)) {
      throw ConfErrors.notA(OptionKey.REASONING_EFFORT, "low, medium, high or none", effort);
    }
    return folded;
  }

  /** The engine that these options ask for. */
  public EngineConfig engineConfig() {
    return engineConfig(text(OptionKey.MODEL));
  }

  /** The same engine, with its model at a place of this machine. */
  public EngineConfig engineConfig(String model) {
    if (model == null || model.isBlank()) {
      throw ConfErrors.noModel();
    }
    return EngineConfig.builder(model)
        .backend(text(OptionKey.BACKEND))
        .pipelineParallelSize(intValue(OptionKey.PIPELINE_PARALLEL_SIZE))
        .gpuMemoryUtilization(doubleValue(OptionKey.GPU_MEMORY_UTILIZATION))
        .threads(intValue(OptionKey.THREADS))
        .maxModelLen(intValue(OptionKey.MAX_MODEL_LEN))
        .maxNumSeqs(intValue(OptionKey.MAX_NUM_SEQS))
        .maxNumBatchedTokens(intValue(OptionKey.MAX_NUM_BATCHED_TOKENS))
        .kvCacheBytes(bytesValue(OptionKey.KV_CACHE_BYTES))
        .enablePrefixCaching(booleanValue(OptionKey.ENABLE_PREFIX_CACHING))
        .maxQueuedRequests(MAX_QUEUED_REQUESTS)
        .build();
  }

  private void check() {
    engineConfig();
    checkPromptSource();
    booleanValue(OptionKey.INCLUDE_TOKENS);
    booleanValue(OptionKey.VERIFY_MODEL);
    if (!COPIES.contains(text(OptionKey.MODEL_COPY).toLowerCase(Locale.ROOT))) {
      throw ConfErrors.notA(
          OptionKey.MODEL_COPY, "auto, always or never", text(OptionKey.MODEL_COPY));
    }
    booleanValue(OptionKey.FAIL_ON_ERROR);
    booleanValue(OptionKey.DEDUPLICATE);
    checkNumber(OptionKey.REPARTITION, 0, 1 << 20, "between 0 and " + (1 << 20));
    checkNumber(OptionKey.WINDOW_ROWS, 1, 1 << 20, "between 1 and " + (1 << 20));
    if (bytesValue(OptionKey.WINDOW_BYTES) < 1) {
      throw ConfErrors.outOfRange(OptionKey.WINDOW_BYTES, 0, "at least 1");
    }
    if (text(OptionKey.OUTPUT_COL).isBlank()) {
      throw ConfErrors.notA(OptionKey.OUTPUT_COL, "a column name", text(OptionKey.OUTPUT_COL));
    }
    checkRequest();
  }

  /** Checks what rows may have as their own. */
  private void checkRequest() {
    reasoningEffort();
    checkNumber(OptionKey.MAX_TOKENS, 1, Integer.MAX_VALUE, "at least 1");
    checkNumber(
        OptionKey.MAX_REASONING_TOKENS, -1, Integer.MAX_VALUE, "at least 0, or -1 for none");
    checkNumber(OptionKey.TOP_K, -1, Integer.MAX_VALUE, "at least 1, or 0 to keep all tokens");
    longValue(OptionKey.SEED);
    logitBias();
    checkReal(OptionKey.TEMPERATURE, 0, 100, "between 0 and 100");
    checkReal(OptionKey.TOP_P, 0, 1, "between 0 and 1");
    checkReal(OptionKey.MIN_P, 0, 1, "between 0 and 1");
    checkReal(OptionKey.PRESENCE_PENALTY, -2, 2, "between -2 and 2");
    checkReal(OptionKey.FREQUENCY_PENALTY, -2, 2, "between -2 and 2");
    checkReal(OptionKey.REPETITION_PENALTY, Double.MIN_VALUE, 100, "above 0 and at most 100");
    checkNumber(OptionKey.LOOP_DETECTION_TOKENS, 0, Integer.MAX_VALUE, "at least 0, which is off");
    List<String> stop = listValue(OptionKey.STOP);
    if (stop.size() > 16 || stop.contains("")) {
      throw ConfErrors.outOfRange(
          OptionKey.STOP, stop.size() + " strings", "at most 16 strings, none of them empty");
    }
  }

  private void checkPromptSource() {
    OptionKey first = null;
    for (OptionKey source : PROMPT_SOURCES) {
      if (isSet(source)) {
        if (first != null) {
          throw ConfErrors.exclusive(first, source);
        }
        first = source;
      }
    }
  }

  private void checkNumber(OptionKey key, long least, long most, String allowed) {
    long value = longValue(key);
    if (value < least || value > most) {
      throw ConfErrors.outOfRange(key, value, allowed);
    }
  }

  private void checkReal(OptionKey key, double least, double most, String allowed) {
    double value = doubleValue(key);
    if (value < least || value > most) {
      throw ConfErrors.outOfRange(key, value, allowed);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof OptionValues o && o.given.equals(given);
  }

  @Override
  public int hashCode() {
    return given.hashCode();
  }

  /** Names only: values may hold prompts and secrets. */
  @Override
  public String toString() {
    return "OptionValues" + given.keySet();
  }
}
