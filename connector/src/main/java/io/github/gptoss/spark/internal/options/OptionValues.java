package io.github.gptoss.spark.internal.options;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.engine.ByteCount;
import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.engine.error.NearestName;
import java.io.Serializable;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The options of one call, checked. Holds the texts that were given and reads them as what they
 * are; small and serializable, so that it travels with a task.
 */
public final class OptionValues implements Serializable {
  private static final long serialVersionUID = 1L;

  /** As OpenAI's client libraries and servers of its models call them. */
  private static final Set<String> OPENAI_NAMES =
      Set.of("gpt-oss-20b", "gpt-oss-120b", "openai/gpt-oss-20b", "openai/gpt-oss-120b");

  private static final String SPECULATION = "spark.speculation";

  /** Values of {@code reasoning_effort}, in the order in which the cascade climbs. */
  public static final List<String> EFFORTS = List.of("none", "low", "medium", "high");

  /** Options that say where a row's prompt is; a call has one of them. */
  public static final List<OptionKey> PROMPT_SOURCES =
      List.of(
          OptionKey.MESSAGES_COL,
          OptionKey.REQUEST_COL,
          OptionKey.PROMPT_TEMPLATE,
          OptionKey.PROMPT_COL);

  /**
   * What bounds the requests in flight is every task's window, which a kill can end at any time;
   * the engine's own bound, which would block a task inside the engine, is set out of reach.
   */
  private static final int MAX_QUEUED_REQUESTS = 1 << 20;

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final int MOST_STOP_STRINGS = 16;

  private final EnumMap<OptionKey, String> given;

  /** Names of columns, by the option that they hold each row's own value of. */
  private final EnumMap<OptionKey, String> columns;

  /** Ordered and serializable; holds secrets, so nothing shows it. */
  private final TreeMap<String, String> modelAccess;

  private OptionValues(
      EnumMap<OptionKey, String> given,
      EnumMap<OptionKey, String> columns,
      Map<String, String> modelAccess) {
    this.given = given;
    this.columns = columns;
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
    Map<OptionName, String> strong = byName(options);
    Map<OptionName, String> weak = ofConf(conf);
    if (strong.keySet().stream().anyMatch(name -> PROMPT_SOURCES.contains(name.key()))) {
      // A call that says where its prompts are is not to be contradicted by the configuration.
      weak.keySet().removeIf(name -> PROMPT_SOURCES.contains(name.key()));
    }
    weak.putAll(strong);
    EnumMap<OptionKey, String> given = new EnumMap<>(OptionKey.class);
    EnumMap<OptionKey, String> columns = new EnumMap<>(OptionKey.class);
    weak.forEach((name, value) -> (name.isColumn() ? columns : given).put(name.key(), value));
    OptionValues values = new OptionValues(given, columns, Map.of());
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
    String requested = overrides.get(OptionKey.REQUESTED_MODEL);
    if (requested != null && loraAdapters().containsKey(requested)) {
      // The row names its adapter: what is set for all rows is only for those that name none.
      values.remove(OptionKey.LORA);
    } else if (requested != null && overrides.get(OptionKey.LORA) == null) {
      requireNoMistypedAdapter(requested);
    }
    values.putAll(overrides);
    OptionValues own = new OptionValues(values, columns, modelAccess);
    own.check(OptionKey::isPerRow);
    return own;
  }

  /**
   * Options by what their names mean; those whose value is null are left out.
   *
   * @throws io.github.gptoss.engine.error.InvalidConfigException if a name is unknown, or one
   *     option is given in two spellings
   */
  public static Map<OptionName, String> byName(Map<String, String> named) {
    Map<OptionName, String> values = new HashMap<>();
    named.forEach(
        (text, value) -> {
          OptionName name = OptionName.of(text);
          if (value != null && values.put(name, value) != null) {
            throw ConfErrors.givenTwice(name);
          }
        });
    return values;
  }

  /** The configuration's {@code spark.gptoss.*} entries; same terms as {@link #byName}. */
  public static Map<OptionName, String> ofConf(Map<String, String> conf) {
    Map<String, String> named = new TreeMap<>();
    conf.forEach(
        (name, value) -> {
          if (name.startsWith(OptionKey.CONF_PREFIX)) {
            named.put(name.substring(OptionKey.CONF_PREFIX.length()), value);
          }
        });
    return byName(named);
  }

  /** These options with some of them as if they had not been set. */
  public OptionValues without(OptionKey... keys) {
    EnumMap<OptionKey, String> rest = new EnumMap<>(given);
    rest.keySet().removeAll(List.of(keys));
    return new OptionValues(rest, columns, modelAccess);
  }

  /** These options with another value of one of them. */
  public OptionValues with(OptionKey key, String value) {
    EnumMap<OptionKey, String> changed = new EnumMap<>(given);
    changed.put(key, value);
    OptionValues values = new OptionValues(changed, columns, modelAccess);
    values.check();
    return values;
  }

  /**
   * Options of another call that computes with the same model on the same engine: all that says
   * which, and of the rest only what is given here.
   *
   * @throws io.github.gptoss.engine.error.InvalidConfigException if a value is not what its option
   *     takes
   */
  public OptionValues ofSameModel(Map<OptionKey, String> others) {
    EnumMap<OptionKey, String> values = new EnumMap<>(given);
    values.keySet().removeIf(key -> !key.isOfEngine());
    values.putAll(others);
    OptionValues own = new OptionValues(values, new EnumMap<>(OptionKey.class), modelAccess);
    own.check();
    return own;
  }

  /**
   * The same options, with the model's address as the driver understood it.
   *
   * @param access what executors need to read the model; may hold secrets
   */
  public OptionValues located(String model, Map<String, String> access) {
    EnumMap<OptionKey, String> values = new EnumMap<>(given);
    values.put(OptionKey.MODEL, model);
    return new OptionValues(values, columns, access);
  }

  /**
   * The same options, with the adapters' addresses as the driver understood them.
   *
   * @param access what executors need to read the model and the adapters
   */
  public OptionValues withAdapters(Map<String, String> addresses, Map<String, String> access) {
    EnumMap<OptionKey, String> values = new EnumMap<>(given);
    values.put(OptionKey.LORA_ADAPTERS, jsonAddresses(addresses));
    return new OptionValues(values, columns, access);
  }

  /** What {@link #located} was given; empty before. It may hold a token: not to be shown. */
  public Map<String, String> modelAccess() {
    return Collections.unmodifiableMap(modelAccess);
  }

  /** Names of the columns that hold each row's own value of an option, by that option. */
  public Map<OptionKey, String> columns() {
    return Collections.unmodifiableMap(columns);
  }

  /** Whether the option was set, for all rows or by a column of values. */
  public boolean isGiven(OptionKey key) {
    return isSet(key) || columns.containsKey(key);
  }

  /** Whether the option was set, its default aside. */
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

  /** Milliseconds of a time, which Spark's suffixes ms, s, m, min, h and d may follow. */
  public long millisValue(OptionKey key) {
    return Durations.parse(text(key))
        .orElseThrow(() -> ConfErrors.notA(key, Durations.FORM, text(key)));
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
      if (strings.stream().allMatch(s -> s != null && !s.isEmpty())) {
        return strings;
      }
    } catch (JsonProcessingException e) {
      // Told below: Jackson's message may quote the text.
    }
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
      if (bias != null
          && bias.values().stream()
              .allMatch(b -> b != null && OptionKey.LOGIT_BIAS.allowed().numbers().test(b))) {
        return bias;
      }
    } catch (JsonProcessingException e) {
      // Told below: Jackson's message may quote the text.
    }
    throw ConfErrors.notA(
        OptionKey.LOGIT_BIAS,
        "a JSON object of numbers " + OptionKey.LOGIT_BIAS.allowedValues() + " by token id",
        text);
  }

  /** Addresses of adapters by name, in the order of the names; empty where there are none. */
  public SortedMap<String, String> loraAdapters() {
    String text = text(OptionKey.LORA_ADAPTERS);
    if (text == null) {
      return Collections.emptySortedMap();
    }
    try {
      TreeMap<String, Object> adapters =
          JSON.readValue(text, new TypeReference<TreeMap<String, Object>>() {});
      TreeMap<String, String> addresses = new TreeMap<>();
      for (Map.Entry<String, Object> entry : adapters.entrySet()) {
        if (entry.getValue() instanceof String address
            && !address.isBlank()
            && !entry.getKey().isBlank()) {
          addresses.put(entry.getKey(), address);
        }
      }
      if (addresses.size() == adapters.size()) {
        return Collections.unmodifiableSortedMap(addresses);
      }
    } catch (JsonProcessingException e) {
      // Told below: Jackson's message may quote the text.
    }
    throw ConfErrors.notA(
        OptionKey.LORA_ADAPTERS, "a JSON object of addresses by name, neither empty", text);
  }

  /** The adapter of a row with these options; null for the model alone. */
  public String lora() {
    String lora = text(OptionKey.LORA);
    if (lora != null) {
      return lora.isBlank() ? null : lora;
    }
    String requested = text(OptionKey.REQUESTED_MODEL);
    return requested != null && loraAdapters().containsKey(requested) ? requested : null;
  }

  /**
   * Bodies name models in many ways, and all of them mean the one that is there; but a name that is
   * all but an adapter's most likely means the adapter, which would be left out without a word.
   */
  private void requireNoMistypedAdapter(String requested) {
    String model = String.valueOf(text(OptionKey.MODEL)).replaceFirst("@[^/@]*$", "");
    if (OPENAI_NAMES.contains(requested)
        || requested.equals(model)
        || model.endsWith("/" + requested)) {
      return;
    }
    NearestName.of(requested, loraAdapters().keySet())
        .ifPresent(
            name -> {
              throw ConfErrors.mistypedAdapter(requested, name);
            });
  }

  /** The JSON text of addresses by name, as {@link #loraAdapters} reads them back. */
  public static String jsonAddresses(Map<String, String> addresses) {
    return written(addresses);
  }

  /** The JSON text of strings, as {@link #listValue} reads them back. */
  public static String jsonArray(List<String> strings) {
    return written(strings);
  }

  /** The JSON text of numbers by token id, as {@link #logitBias} reads them back. */
  public static String jsonObject(Map<Integer, Float> numbers) {
    return written(numbers);
  }

  private static String written(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("strings and numbers always have a JSON form", e);
    }
  }

  /** low, medium, high or none; null where it is not set. */
  public String reasoningEffort() {
    String effort = text(OptionKey.REASONING_EFFORT);
    return effort == null ? null : effort.strip().toLowerCase(Locale.ROOT);
  }

  /** Whether rows may be asked again at a higher reasoning effort. */
  public boolean escalates() {
    return booleanValue(OptionKey.ESCALATE_EFFORT) || doubleValue(OptionKey.MIN_CONFIDENCE) > 0;
  }

  /** Whether the answer that most of a row's samples give is the row's. */
  public boolean votes() {
    return text(OptionKey.VOTE).strip().equalsIgnoreCase("majority");
  }

  /**
   * Checks that there may be samples to vote where a vote is asked for.
   *
   * @param ofRows options that expressions give each row
   * @throws io.github.gptoss.engine.error.InvalidConfigException if all rows have one sample
   */
  public void checkVote(Set<OptionKey> ofRows) {
    boolean mayDiffer =
        ofRows.contains(OptionKey.N)
            || columns.containsKey(OptionKey.N)
            || isSet(OptionKey.REQUEST_COL);
    if (votes() && intValue(OptionKey.N) == 1 && !mayDiffer) {
      throw ConfErrors.voteOfOne();
    }
  }

  /** The engine that these options ask for. */
  public EngineConfig engineConfig() {
    return engineConfig(text(OptionKey.MODEL), loraAdapters());
  }

  /** The same engine, with its model and its adapters at places of this machine. */
  public EngineConfig engineConfig(String model, Map<String, String> adapters) {
    if (model == null || model.isBlank()) {
      throw ConfErrors.noModel();
    }
    return EngineConfig.builder(model)
        .backend(text(OptionKey.BACKEND))
        .pipelineParallelSize(intValue(OptionKey.PIPELINE_PARALLEL_SIZE))
        .gpuMemoryUtilization(doubleValue(OptionKey.GPU_MEMORY_UTILIZATION))
        .cudaWgmma(booleanValue(OptionKey.CUDA_WGMMA))
        .threads(intValue(OptionKey.THREADS))
        .maxModelLen(intValue(OptionKey.MAX_MODEL_LEN))
        .maxNumSeqs(intValue(OptionKey.MAX_NUM_SEQS))
        .maxNumBatchedTokens(intValue(OptionKey.MAX_NUM_BATCHED_TOKENS))
        .kvCacheBytes(bytesValue(OptionKey.KV_CACHE_BYTES))
        .enablePrefixCaching(booleanValue(OptionKey.ENABLE_PREFIX_CACHING))
        .maxQueuedRequests(MAX_QUEUED_REQUESTS)
        .loraAdapters(adapters)
        .build();
  }

  private void check() {
    engineConfig();
    checkPromptSource();
    check(key -> true);
  }

  /** Checks each of some options by what the table says of it. */
  private void check(Predicate<OptionKey> which) {
    for (OptionKey key : OptionKey.values()) {
      if (which.test(key) && text(key) != null) {
        check(key);
      }
    }
  }

  private void check(OptionKey key) {
    if (key == OptionKey.LORA && lora() != null && !loraAdapters().containsKey(lora())) {
      throw ConfErrors.unknownAdapter(lora(), loraAdapters().keySet());
    }
    if (key == OptionKey.N && intValue(key) > 1 && answersParts()) {
      throw ConfErrors.samplesOfParts();
    }
    switch (key.kind()) {
      case STRING -> {
        if (!key.allowed().texts().test(text(key))) {
          throw ConfErrors.notA(key, key.allowedValues(), text(key));
        }
      }
      case STRING_LIST -> checkStrings(key);
      case FLAG_OR_NAMES -> listValue(key);
      // Their form is Harmony's business.
      case JSON_OBJECT, JSON_ARRAY -> {}
      case NUMBERS_BY_TOKEN -> logitBias();
      case INT -> checkRange(key, intValue(key));
      case LONG -> checkRange(key, longValue(key));
      case BYTES -> checkRange(key, bytesValue(key));
      case DURATION -> checkRange(key, millisValue(key));
      case DOUBLE -> checkRange(key, doubleValue(key));
      case BOOLEAN -> booleanValue(key);
    }
  }

  private boolean answersParts() {
    return text(OptionKey.OVERFLOW).strip().equalsIgnoreCase("map_reduce");
  }

  private static void checkRange(OptionKey key, Number value) {
    if (!key.allowed().numbers().test(value.doubleValue())) {
      throw ConfErrors.outOfRange(key, value, key.allowedValues());
    }
  }

  private void checkStrings(OptionKey key) {
    List<String> strings = listValue(key);
    if (strings.size() > MOST_STOP_STRINGS || strings.contains("")) {
      throw ConfErrors.outOfRange(
          key,
          strings.size() + " strings",
          "at most " + MOST_STOP_STRINGS + " strings, none of them empty");
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

  @Override
  public boolean equals(Object other) {
    return other instanceof OptionValues o && o.given.equals(given) && o.columns.equals(columns);
  }

  @Override
  public int hashCode() {
    return 31 * given.hashCode() + columns.hashCode();
  }

  /** Names only: values may hold prompts and secrets. */
  @Override
  public String toString() {
    return "OptionValues" + given.keySet() + (columns.isEmpty() ? "" : columns.keySet());
  }
}
