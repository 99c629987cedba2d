package io.github.gptoss.spark.conf;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Every option of the connector, with its default. An option may be set, from strongest to weakest,
 * as an argument of a call, as an option of a reader or of {@code GptOssOptions}, or in Spark's
 * configuration as {@code spark.gptoss.<option>}. Names are accepted in snake case, camel case and
 * any case ({@code max_tokens}, {@code maxTokens}).
 */
public enum OptionKey {
  // What to run.
  MODEL(
      "model",
      Kind.STRING,
      null,
      "Folder of a gpt-oss checkpoint, hf://owner/name[@revision], an address that Hadoop knows"
          + " (s3a://bucket/folder, abfss://, gs://, hdfs://), or demo for the model that is"
          + " shipped"),
  BACKEND("backend", Kind.STRING, "cpu", "Where to compute: cpu or cuda"),

  // Where the model comes from.
  MODEL_CACHE_DIR(
      "model_cache_dir",
      Kind.STRING,
      null,
      "Folder of each machine for copies of models; where it is not set, .cache/gptoss-spark in"
          + " the home of the user that runs executors"),
  MODEL_COPY(
      "model_copy",
      Kind.STRING,
      "auto",
      "Which models are copied to the cache: auto takes those of a hub, of a remote filesystem and"
          + " of Databricks' mounts (/Volumes, /dbfs), always takes local folders too, for instance"
          + " of a network drive, never opens every local path where it is"),
  VERIFY_MODEL(
      "verify_model",
      Kind.BOOLEAN,
      "false",
      "Whether a model in the cache is hashed again whenever an engine opens it, rather than only"
          + " where its files look touched"),
  HF_TOKEN(
      "hf_token",
      Kind.STRING,
      null,
      "Token for hf:// models that are gated or private; else environment variable HF_TOKEN"),
  HF_ENDPOINT(
      "hf_endpoint",
      Kind.STRING,
      null,
      "Address of the hub for hf:// models; else HF_ENDPOINT, else https://huggingface.co"),

  // Columns.
  PROMPT_COL("prompt_col", Kind.STRING, "prompt", "String column that holds the prompt"),
  MESSAGES_COL(
      "messages_col",
      Kind.STRING,
      null,
      "Column that holds a conversation: an array of structs with role and content, or a string"
          + " with Harmony's or OpenAI's message JSON; instead of prompt_col"),
  PROMPT_TEMPLATE(
      "prompt_template",
      Kind.STRING,
      null,
      "Prompt with columns in braces, for instance 'Summarise: {body}'; {{ and }} are literal"
          + " braces; instead of prompt_col"),
  REQUEST_COL(
      "request_col",
      Kind.STRING,
      null,
      "Column that holds whole requests with parameters of their own, as format openai-batch reads"
          + " them: a struct with messages and parameters; instead of prompt_col"),
  OUTPUT_COL("output_col", Kind.STRING, "completion", "Name of the column that is added"),
  INCLUDE_TOKENS(
      "include_tokens",
      Kind.BOOLEAN,
      "false",
      "Whether the completion also carries prompt_tokens and completion_tokens, the token ids"),

  FAIL_ON_ERROR(
      "fail_on_error",
      Kind.BOOLEAN,
      "false",
      "Whether the first row that cannot be completed fails the job; else its error is in its"
          + " completion"),

  // Prompt.
  REASONING_EFFORT(
      "reasoning_effort",
      Kind.STRING,
      null,
      "low, medium, high or none (not mentioned); where it is not set, what the conversation says,"
          + " else medium"),
  SYSTEM_PROMPT(
      "system_prompt", Kind.STRING, null, "Model identity, the first line of the system message"),
  DEVELOPER_PROMPT(
      "developer_prompt", Kind.STRING, null, "Instructions, put in the developer message"),
  TOOLS("tools", Kind.STRING, null, "Functions that the model may call, OpenAI's tools JSON"),
  RESPONSE_FORMAT(
      "response_format",
      Kind.STRING,
      null,
      "Form of the answer, OpenAI's response_format JSON; shown to the model as instructions"),

  // Sampling.
  MAX_TOKENS("max_tokens", Kind.INT, "4096", "Tokens a completion may have, reasoning included"),
  MAX_REASONING_TOKENS(
      "max_reasoning_tokens",
      Kind.INT,
      "-1",
      "Tokens that reasoning may take before the answer is forced; -1 is no limit"),
  TEMPERATURE("temperature", Kind.DOUBLE, "0", "0 takes the most likely token"),
  TOP_P(
      "top_p",
      Kind.DOUBLE,
      "1",
      "Keeps the most likely tokens up to this probability; 0 keeps one"),
  TOP_K("top_k", Kind.INT, "0", "Keeps this many of the most likely tokens; 0 keeps all"),
  MIN_P("min_p", Kind.DOUBLE, "0", "Drops tokens below this share of the best one's probability"),
  PRESENCE_PENALTY("presence_penalty", Kind.DOUBLE, "0", "Taken once off tokens already generated"),
  FREQUENCY_PENALTY(
      "frequency_penalty", Kind.DOUBLE, "0", "Taken off a token for each time it was generated"),
  REPETITION_PENALTY(
      "repetition_penalty", Kind.DOUBLE, "1", "Divides the logits of tokens already seen"),
  LOGIT_BIAS(
      "logit_bias",
      Kind.STRING,
      null,
      "Added to the logits of tokens, a JSON object of numbers by token id, OpenAI's logit_bias"),
  SEED("seed", Kind.LONG, "0", "Of the random draws where temperature is above 0"),
  STOP(
      "stop",
      Kind.STRING_LIST,
      null,
      "String that ends the answer, or a JSON array of at most 16 of them"),
  LOOP_DETECTION_TOKENS(
      "loop_detection_tokens",
      Kind.INT,
      "0",
      "Ends a completion whose last so many tokens repeat a cycle at least three times; 0 is off"),

  // Engine: one per executor, so these must agree among all that run at a time.
  PIPELINE_PARALLEL_SIZE(
      "pipeline_parallel_size",
      Kind.INT,
      "1",
      "GPUs of an executor that share the layers of a model that does not fit one"),
  THREADS("threads", Kind.INT, "0", "CPU threads that compute; 0 takes all that the JVM sees"),
  MAX_MODEL_LEN(
      "max_model_len",
      Kind.INT,
      "0",
      "Tokens of prompt and completion that a row may have; 0 takes the model's context"),
  MAX_NUM_SEQS("max_num_seqs", Kind.INT, "256", "Rows computed in one step, at most"),
  MAX_NUM_BATCHED_TOKENS(
      "max_num_batched_tokens", Kind.INT, "512", "Tokens computed in one step, at most"),
  KV_CACHE_BYTES(
      "kv_cache_bytes",
      Kind.BYTES,
      "0",
      "Memory for keys and values, for instance 8g; 0 takes half of the heap, or with backend cuda"
          + " what the GPU has left"),
  GPU_MEMORY_UTILIZATION(
      "gpu_memory_utilization",
      Kind.DOUBLE,
      "0.9",
      "Share of a GPU's memory that the engine may use where kv_cache_bytes is 0"),
  ENABLE_PREFIX_CACHING(
      "enable_prefix_caching",
      Kind.BOOLEAN,
      "true",
      "Whether equal beginnings of prompts are computed once and shared"),

  // Flow.
  REPARTITION(
      "repartition",
      Kind.INT,
      "0",
      "Partitions that rows are spread over before they are generated, so that a small table keeps"
          + " all executors busy; rows that ask the same meet in one while deduplicate is on, and the"
          + " table's order is lost; 0 leaves rows where they are. Not of the SQL functions: give"
          + " their table the hint REPARTITION"),
  DEDUPLICATE(
      "deduplicate",
      Kind.BOOLEAN,
      "true",
      "Whether rows of a stage that ask the same are generated once per executor"),
  WINDOW_ROWS("window_rows", Kind.INT, "4096", "Rows that a task has in flight, at most"),
  WINDOW_BYTES(
      "window_bytes",
      Kind.BYTES,
      "512m",
      "Memory that a task's rows in flight may take, room for their completions included; one row"
          + " is always let in");

  /** How a value is written. */
  public enum Kind {
    STRING,
    STRING_LIST,
    INT,
    LONG,
    /** A number of bytes, optionally followed by k, m, g or t (powers of 1024). */
    BYTES,
    DOUBLE,
    BOOLEAN
  }

  /** What precedes an option's name in Spark's configuration. */
  public static final String CONF_PREFIX = "spark.gptoss.";

  private static final Map<String, OptionKey> BY_FOLDED_NAME =
      Arrays.stream(values())
          .collect(Collectors.toUnmodifiableMap(k -> fold(k.optionName), Function.identity()));

  private static final Set<OptionKey> RENDERING =
      EnumSet.of(REASONING_EFFORT, SYSTEM_PROMPT, DEVELOPER_PROMPT, TOOLS, RESPONSE_FORMAT);

  private static final Set<OptionKey> TEXTS =
      EnumSet.of(SYSTEM_PROMPT, DEVELOPER_PROMPT, PROMPT_TEMPLATE, TOOLS, RESPONSE_FORMAT, STOP);

  private static final Set<OptionKey> SAMPLING =
      EnumSet.of(
          MAX_TOKENS,
          MAX_REASONING_TOKENS,
          TEMPERATURE,
          TOP_P,
          TOP_K,
          MIN_P,
          PRESENCE_PENALTY,
          FREQUENCY_PENALTY,
          REPETITION_PENALTY,
          LOGIT_BIAS,
          SEED,
          LOOP_DETECTION_TOKENS,
          STOP);

  private final String optionName;
  private final Kind kind;
  private final String defaultValue;
  private final String description;

  OptionKey(String optionName, Kind kind, String defaultValue, String description) {
    this.optionName = optionName;
    this.kind = kind;
    this.defaultValue = defaultValue;
    this.description = description;
  }

  /** The canonical name, in snake case. */
  public String optionName() {
    return optionName;
  }

  public Kind kind() {
    return kind;
  }

  /** Null where the option has none. */
  public String defaultValue() {
    return defaultValue;
  }

  /** One sentence without its full stop. */
  public String description() {
    return description;
  }

  /** Whether the option is part of how a prompt is rendered. */
  public boolean isRendering() {
    return RENDERING.contains(this);
  }

  /** Whether the option is part of how tokens are chosen. */
  public boolean isSampling() {
    return SAMPLING.contains(this);
  }

  /** Whether rows of one call may differ in the option. */
  public boolean isPerRow() {
    return isRendering() || isSampling();
  }

  /** Whether it is part of prompts, which nothing shows but their lengths and hashes. */
  public boolean holdsText() {
    return TEXTS.contains(this);
  }

  /**
   * The option of this name.
   *
   * @throws io.github.gptoss.engine.error.InvalidConfigException if there is none; names the
   *     nearest
   */
  public static OptionKey of(String name) {
    OptionKey key = BY_FOLDED_NAME.get(fold(name));
    if (key == null) {
      throw ConfErrors.unknownOption(name, names());
    }
    return key;
  }

  /** Canonical names of all options. */
  public static List<String> names() {
    return Arrays.stream(values()).map(OptionKey::optionName).toList();
  }

  private static String fold(String name) {
    return name.replace("_", "").replace("-", "").toLowerCase(Locale.ROOT);
  }
}
