package io.github.gptoss.spark.internal.options;

import static io.github.gptoss.spark.internal.options.OptionRow.ENGINE;
import static io.github.gptoss.spark.internal.options.OptionRow.REQUEST;
import static io.github.gptoss.spark.internal.options.OptionRow.call;
import static io.github.gptoss.spark.internal.options.OptionRow.engine;
import static io.github.gptoss.spark.internal.options.OptionRow.model;
import static io.github.gptoss.spark.internal.options.OptionRow.rendering;
import static io.github.gptoss.spark.internal.options.OptionRow.sampling;
import static io.github.gptoss.spark.internal.options.OptionRow.table;

import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.engine.constraint.ChoiceProbabilities;
import io.github.gptoss.engine.sampling.SamplingParams;
import java.util.Arrays;
import java.util.List;

/**
 * The table of options: one row says all that there is to know of one. Checks, arguments of the SQL
 * functions, flags of the job, options of the data source, fields of OpenAI's request bodies and
 * the documentation derive from it. The setters of {@code GptOssOptions} are written by hand, one
 * for each row.
 *
 * <p>An option may be set, from strongest to weakest, as an argument of a call, as an option of a
 * reader or of {@code GptOssOptions}, or in Spark's configuration as {@code spark.gptoss.<option>}.
 * Names are accepted in snake case, camel case and any case ({@code max_tokens}, {@code
 * maxTokens}).
 */
public enum OptionKey {
  // What to run.
  MODEL(
      model(
          "model",
          Kind.STRING,
          "Folder of a gpt-oss checkpoint, hf://owner/name[@revision], an address that Hadoop knows"
              + " (s3a://bucket/folder, abfss://, gs://, hdfs://), or demo for the model that is"
              + " shipped")),
  BACKEND(engine("backend", Kind.STRING, "Where to compute: cpu or cuda").unless(ENGINE.backend())),

  // Where the model comes from.
  MODEL_CACHE_DIR(
      model(
              "model_cache_dir",
              Kind.STRING,
              "Folder of each machine for copies of models; where it is not set, .cache/gptoss-spark"
                  + " in the home of the user that runs executors")
          .alias("download_dir")),
  MODEL_COPY(
      model(
              "model_copy",
              Kind.STRING,
              "Which models are copied to the cache: auto takes those of a hub, of a remote"
                  + " filesystem and of Databricks' mounts (/Volumes, /dbfs), always takes local"
                  + " folders too, for instance of a network drive, never opens every local path"
                  + " where it is")
          .unless("auto")
          .allowed(Allowed.oneOf("auto", "always", "never"))),
  VERIFY_MODEL(
      model(
              "verify_model",
              Kind.BOOLEAN,
              "Whether a model in the cache is hashed again whenever an engine opens it, rather than"
                  + " only where its files look touched")
          .unless(false)),
  HF_TOKEN(
      model(
              "hf_token",
              Kind.STRING,
              "Token for hf:// models that are gated or private; else environment variable HF_TOKEN")
          .secret()),
  HF_ENDPOINT(
      model(
          "hf_endpoint",
          Kind.STRING,
          "Address of the hub for hf:// models; else HF_ENDPOINT, else https://huggingface.co")),
  LORA_ADAPTERS(
      model(
          "lora_adapters",
          Kind.JSON_OBJECT,
          "LoRA adapters in PEFT's form that rows may name, a JSON object of addresses by name; an"
              + " address is what model takes, for instance {\"support\": \"hf://owner/name\"}")),

  // Columns.
  PROMPT_COL(
      table(
              "prompt_col",
              Kind.STRING,
              "Column that holds the prompt: a string, or what Spark casts to one")
          .unless("prompt")),
  MESSAGES_COL(
      table(
          "messages_col",
          Kind.STRING,
          "Column that holds a conversation: an array of structs with role and content, or a string"
              + " with Harmony's or OpenAI's message JSON; instead of prompt_col")),
  PROMPT_TEMPLATE(
      table(
              "prompt_template",
              Kind.STRING,
              "Prompt with columns in braces, for instance 'Summarise: {body}'; {{ and }} are literal"
                  + " braces; instead of prompt_col")
          .holdsText()),
  REQUEST_COL(
      table(
          "request_col",
          Kind.STRING,
          "Column that holds whole requests with parameters of their own, as format openai-batch"
              + " reads them: a struct with messages and parameters; instead of prompt_col")),
  OUTPUT_COL(
      table("output_col", Kind.STRING, "Name of the column that is added")
          .unless("completion")
          .allowed(Allowed.named("a column name"))),
  INCLUDE_TOKENS(
      call(
              "include_tokens",
              Kind.BOOLEAN,
              "Whether the completion also carries prompt_tokens and completion_tokens, the token ids")
          .unless(false)),

  PARSED_TYPE(
      call(
              "parsed_type",
              Kind.STRING,
              "Type of what is parsed of answers that have a form: struct for the type that follows"
                  + " from a schema that is the same for all rows, variant, or string for the JSON"
                  + " itself")
          .unless("struct")
          .allowed(Allowed.oneOf("struct", "variant", "string"))),

  FAIL_ON_ERROR(
      call(
              "fail_on_error",
              Kind.BOOLEAN,
              "Whether the first row that cannot be completed fails the job; else its error is in its"
                  + " completion")
          .unless(false)),

  OVERFLOW(
      call(
              "overflow",
              Kind.STRING,
              "What becomes of a row whose prompt and max_tokens do not fit the context: error for one"
                  + " that leaves no room at all; truncate_start, truncate_middle or truncate_end,"
                  + " which leave that part of the user's last message out; or map_reduce, which"
                  + " answers its parts and then their answers; these leave room for max_tokens, or"
                  + " for half of the context if that is less")
          .unless("error")
          .allowed(
              Allowed.oneOf(
                  "error", "truncate_start", "truncate_middle", "truncate_end", "map_reduce"))),
  ESCALATE_EFFORT(
      call(
              "escalate_effort",
              Kind.BOOLEAN,
              "Whether a row whose completion is an error, has neither answer nor calls, or is less"
                  + " certain than min_confidence is asked again, at the next reasoning effort and"
                  + " up to the highest")
          .unless(false)),
  MIN_CONFIDENCE(
      call(
              "min_confidence",
              Kind.DOUBLE,
              "The least confidence of an answer with a finite set of values; rows below it are asked"
                  + " again as with escalate_effort; 0 takes every answer")
          .unless(0)
          .allowed(Allowed.between(0, 1))),

  VOTE(
      call(
              "vote",
              Kind.STRING,
              "majority makes the answer that most of a row's n samples give the row's answer, and"
                  + " says their share in vote_share; none leaves it to the first sample")
          .unless("none")
          .allowed(Allowed.oneOf("none", "majority"))),

  // Prompt.
  REASONING_EFFORT(
      rendering(
              "reasoning_effort",
              Kind.STRING,
              "low, medium, high or none (not mentioned); where it is not set, what the conversation"
                  + " says, else medium")
          .allowed(Allowed.oneOf("low", "medium", "high", "none"))
          // The second field is that of OpenRouter and others.
          .chat("reasoning_effort", "reasoning.effort")
          .responses("reasoning.effort")),
  SYSTEM_PROMPT(
      rendering(
              "system_prompt", Kind.STRING, "Model identity, the first line of the system message")
          .holdsText()),
  DEVELOPER_PROMPT(
      rendering("developer_prompt", Kind.STRING, "Instructions, put in the developer message")
          .holdsText()),
  TOOLS(
      rendering("tools", Kind.JSON_ARRAY, "Functions that the model may call, OpenAI's tools JSON")
          .holdsText()
          .body()),
  RESPONSE_FORMAT(
      rendering(
              "response_format",
              Kind.JSON_OBJECT,
              "Form that the answer is guaranteed to have: OpenAI's response_format JSON, or a Spark"
                  + " type such as struct<category:string,urgency:int>; the schema is also shown to"
                  + " the model")
          .holdsText()
          .chat("response_format")
          .responses("text.format")),
  STRUCTURED_OUTPUTS(
      rendering(
              "structured_outputs",
              Kind.JSON_OBJECT,
              "Form that the answer is guaranteed to have, vLLM's structured_outputs JSON: one of"
                  + " json, json_object, regex and choice, and disable_any_whitespace; the model is"
                  + " not told of it")
          .holdsText()
          .body()),

  CHOICE_PROBABILITIES(
      rendering(
              "choice_probabilities",
              Kind.FLAG_OR_NAMES,
              "Whether the completion also has the probabilities of the values that the answer may"
                  + " have, where there is a finite set of them; or the names of members of the"
                  + " answer, joined by dots, whose values' probabilities it is to have")
          .unless(false)
          .body()),
  CHOICE_PROBABILITIES_CUTOFF(
      rendering(
              "choice_probabilities_cutoff",
              Kind.DOUBLE,
              "Ways to write a value that are less probable may be left out of its probability; 0"
                  + " leaves out none, at a price")
          .unless(ChoiceProbabilities.DEFAULT_CUT_OFF)
          .allowed(Allowed.between(0, 1))
          .body()),

  // Tools.
  TOOL_LOOKUP(
      call(
          "tool_lookup",
          Kind.JSON_OBJECT,
          "Tables that answer the model's calls, by function: {\"get_weather\": {\"table\":"
              + " \"weather\", \"key\": \"location\"}} answers a call that has the key's columns as"
              + " arguments with the rest of the row as JSON")),
  TOOL_BROWSER(
      call(
          "tool_browser",
          Kind.JSON_OBJECT,
          "Table of pages for the model's built-in browser: {\"table\": \"pages\"}, with columns url,"
              + " title and text, and search bm25 or like")),
  TOOL_HTTP(
      call(
              "tool_http",
              Kind.JSON_OBJECT,
              "Addresses that answer the model's calls, by function: {\"get_rate\": {\"url\":"
                  + " \"https://host/rates/{currency}\"}}; only below those of tool_http_allow")
          .secret()),
  TOOL_HTTP_ALLOW(
      call(
          "tool_http_allow",
          Kind.STRING_LIST,
          "Beginnings of addresses that tool_http may name, such as https://host/rates; none where it"
              + " is not set")),
  TOOL_PROCESS(
      call(
              "tool_process",
              Kind.JSON_OBJECT,
              "Commands that answer the model's calls, by function: {\"python\": {\"command\":"
                  + " [\"/opt/sandbox/run\"]}}; they run on the executors, with JSON on standard input"
                  + " and output")
          .secret()),
  TOOL_EXECUTORS(
      call(
              "tool_executors",
              Kind.JSON_OBJECT,
              "Classes of your own that answer the model's calls, implementations of ToolExecutor, by"
                  + " name, with their settings: {\"com.example.Rates\": {}}")
          .secret()),
  MAX_TOOL_ROUNDS(
      call(
              "max_tool_rounds",
              Kind.INT,
              "How often the tools of a row answer, at most; calls after that are returned; 0 runs none")
          .unless(8)
          .allowed(Allowed.between(0, 1000))),
  TOOL_TIMEOUT_SECONDS(
      call(
              "tool_timeout_seconds",
              Kind.DOUBLE,
              "Time of a tool's call; then the model is told that there was no answer")
          .unless(30)
          .allowed(Allowed.between(0.01, 86400))),
  TOOL_CONCURRENCY(
      call(
              "tool_concurrency",
              Kind.INT,
              "Batches of calls that a tool of a task has under way at a time, at most")
          .unless(8)
          .allowed(Allowed.between(1, 1000))),

  TASK_PROMPT(
      call(
              "task_prompt",
              Kind.STRING,
              "Prompt of a task function, such as gptoss_classify, in the place of its own: a template"
                  + " with the function's arguments in braces, for instance {labels} and {content};"
                  + " {{ and }} are literal braces. Of the task functions alone")
          .holdsText()),

  LORA(
      sampling(
          "lora",
          Kind.STRING,
          "Name of the adapter that computes the row, one of lora_adapters; an empty text is the"
              + " model alone")),
  REQUESTED_MODEL(
      sampling(
              "requested_model",
              Kind.STRING,
              "The model of an OpenAI body: a name of lora_adapters is that adapter, whatever lora"
                  + " is set for all rows, one that is all but such a name is an error, and any"
                  + " other leaves the adapter to lora")
          .body("model")),

  // Sampling.
  MAX_TOKENS(
      sampling("max_tokens", Kind.INT, "Tokens a completion may have, reasoning included")
          .unless(REQUEST.maxTokens())
          .allowed(Allowed.atLeast(1))
          .alias("max_completion_tokens", "max_output_tokens")
          .chat("max_completion_tokens", "max_tokens")
          .responses("max_output_tokens")),
  MAX_REASONING_TOKENS(
      sampling(
              "max_reasoning_tokens",
              Kind.INT,
              "Tokens that reasoning may take before the answer is forced; -1 is no limit")
          .unless(REQUEST.maxReasoningTokens())
          .allowed(Allowed.atLeast(-1, "at least 0, or -1 for none"))
          .body()),
  TEMPERATURE(
      sampling("temperature", Kind.DOUBLE, "0 takes the most likely token")
          .unless(REQUEST.sampling().temperature())
          .allowed(Allowed.between(0, 100))
          .body()),
  TOP_P(
      sampling(
              "top_p",
              Kind.DOUBLE,
              "Keeps the most likely tokens up to this probability; 0 keeps one")
          .unless(REQUEST.sampling().topP())
          .allowed(Allowed.between(0, 1))
          .body()),
  TOP_K(
      sampling("top_k", Kind.INT, "Keeps this many of the most likely tokens; 0 and -1 keep all")
          .unless(0)
          .allowed(Allowed.atLeast(-1, "at least 1, or 0 or -1 to keep all tokens"))
          .body()),
  MIN_P(
      sampling("min_p", Kind.DOUBLE, "Drops tokens below this share of the best one's probability")
          .unless(REQUEST.sampling().minP())
          .allowed(Allowed.between(0, 1))
          .body()),
  PRESENCE_PENALTY(
      sampling(
              "presence_penalty",
              Kind.DOUBLE,
              "Subtracted once from the logits of tokens that the completion has already")
          .unless(REQUEST.sampling().presencePenalty())
          .allowed(Allowed.between(-2, 2))
          .body()),
  FREQUENCY_PENALTY(
      sampling(
              "frequency_penalty",
              Kind.DOUBLE,
              "Subtracted from a token's logit once for each time that the completion has it")
          .unless(REQUEST.sampling().frequencyPenalty())
          .allowed(Allowed.between(-2, 2))
          .body()),
  REPETITION_PENALTY(
      sampling(
              "repetition_penalty",
              Kind.DOUBLE,
              "Divides positive and multiplies negative logits of tokens that prompt or completion"
                  + " have already")
          .unless(REQUEST.sampling().repetitionPenalty())
          .allowed(Allowed.above(0, 100))
          .body()),
  LOGIT_BIAS(
      sampling(
              "logit_bias",
              Kind.NUMBERS_BY_TOKEN,
              "Added to the logits of tokens, a JSON object of numbers by token id, OpenAI's"
                  + " logit_bias")
          .allowed(Allowed.between(-100, 100))
          .chat("logit_bias")),
  SEED(
      sampling("seed", Kind.LONG, "Of the random draws where temperature is above 0")
          .unless(REQUEST.sampling().seed())
          .body()),
  N(
      sampling(
              "n",
              Kind.INT,
              "Samples of a row, all of which are in the completion's choices; each has a seed of its"
                  + " own that follows from seed, the first one seed itself")
          .unless(1)
          .allowed(Allowed.between(1, SamplingParams.MOST_SAMPLES))
          .chat("n")),
  STOP(
      sampling(
              "stop",
              Kind.STRING_LIST,
              "String that ends the answer, or a JSON array of at most 16 of them")
          .holdsText()
          .chat("stop")),
  LOOP_DETECTION_TOKENS(
      sampling(
              "loop_detection_tokens",
              Kind.INT,
              "Ends a completion whose last so many tokens repeat a cycle at least three times; 0 is"
                  + " off")
          .unless(REQUEST.loopDetectionTokens())
          .allowed(Allowed.atLeast(0, "at least 0, which is off"))),

  // Engine: one per executor, so these must agree among all that run at a time.
  PIPELINE_PARALLEL_SIZE(
      engine(
              "pipeline_parallel_size",
              Kind.INT,
              "GPUs of an executor that share the layers of a model that does not fit one")
          .unless(ENGINE.devices().size())),
  THREADS(
      engine("threads", Kind.INT, "CPU threads that compute; 0 takes all that the JVM sees")
          .unless(ENGINE.threads())),
  MAX_MODEL_LEN(
      engine(
              "max_model_len",
              Kind.INT,
              "Tokens of prompt and completion that a row may have; 0 takes the model's context")
          .unless(ENGINE.maxModelLen())),
  MAX_NUM_SEQS(
      engine(
              "max_num_seqs",
              Kind.INT,
              "Rows computed in one step, at most; 0 takes "
                  + EngineConfig.CPU_MAX_NUM_SEQS
                  + ", or with backend cuda "
                  + EngineConfig.CUDA_MAX_NUM_SEQS
                  + ". Rows that KV memory has no room for wait")
          .unless(0)),
  MAX_NUM_BATCHED_TOKENS(
      engine(
              "max_num_batched_tokens",
              Kind.INT,
              "Tokens computed in one step, at most; 0 takes "
                  + EngineConfig.CPU_MAX_NUM_BATCHED_TOKENS
                  + ", or with backend cuda "
                  + EngineConfig.CUDA_MAX_NUM_BATCHED_TOKENS)
          .unless(0)),
  KV_CACHE_BYTES(
      engine(
              "kv_cache_bytes",
              Kind.BYTES,
              "Memory for keys and values, for instance 8g; 0 takes half of what weights leave of the heap,"
                  + " or with backend cuda what the GPU has left")
          .unless(ENGINE.kvCacheBytes())
          .alias("kv_cache_memory_bytes")),
  GPU_MEMORY_UTILIZATION(
      engine(
              "gpu_memory_utilization",
              Kind.DOUBLE,
              "Share of a GPU's memory that the engine may use where kv_cache_bytes is 0")
          .unless(ENGINE.gpuMemoryUtilization())),
  CUDA_WGMMA(
      engine(
              "cuda_wgmma",
              Kind.BOOLEAN,
              "Whether backend cuda multiplies by wgmma instead of mma.sync, which GPUs of compute"
                  + " capability 9.0 (H100, H200) alone have; unproven: no GPU has shown yet that a"
                  + " row's tokens do not depend on other rows then")
          .unless(ENGINE.cudaWgmma())),
  ENABLE_PREFIX_CACHING(
      engine(
              "enable_prefix_caching",
              Kind.BOOLEAN,
              "Whether equal beginnings of prompts are computed once and shared")
          .unless(ENGINE.enablePrefixCaching())),

  // Flow.
  REPARTITION(
      table(
              "repartition",
              Kind.INT,
              "Partitions that rows are spread over before they are generated, so that a small table"
                  + " keeps all executors busy; rows that ask the same meet in one while deduplicate"
                  + " is on, and the table's order is lost; 0 leaves rows where they are. Not of the"
                  + " SQL functions: give their table the hint REPARTITION")
          .unless(0)
          .allowed(Allowed.between(0, 1 << 20))),
  DEDUPLICATE(
      call(
              "deduplicate",
              Kind.BOOLEAN,
              "Whether rows of a stage that ask the same are generated once per executor")
          .unless(true)),
  WINDOW_ROWS(
      call("window_rows", Kind.INT, "Rows that a task has in flight, at most")
          .unless(4096)
          .allowed(Allowed.between(1, 1 << 20))),
  WINDOW_BYTES(
      call(
              "window_bytes",
              Kind.BYTES,
              "Memory that a task's rows in flight may take, room for their completions included; one"
                  + " row is always let in")
          .unless("512m")
          .allowed(Allowed.atLeast(1))),

  // Budgets, and what other runs have done.
  TOKEN_BUDGET(
      call(
              "token_budget",
              Kind.LONG,
              "Tokens of prompts and completions, OpenAI's total_tokens, that a query or a run of the"
                  + " job may take on all executors together; when they are spent, rows that have not"
                  + " begun get the error budget_exceeded; no limit where it is not set")
          .allowed(Allowed.atLeast(1))),
  TIME_BUDGET(
      call(
              "time_budget",
              Kind.DURATION,
              "Time that a query or a run of the job may take, for instance 30m; when it is over, rows"
                  + " that have not begun get the error budget_exceeded; no limit where it is not set")
          .allowed(Allowed.positive())),
  COMPLETION_CACHE(
      call(
              "completion_cache",
              Kind.STRING,
              "Folder, at any address that Hadoop knows, of completions that runs share: equal requests"
                  + " are answered from it, and new completions are added; off where it is not set")
          .allowed(Allowed.named("a folder")));

  /** For what an option has one value. */
  public enum Scope {
    /** One for each executor: the model and where it comes from. */
    MODEL,
    /** One for each executor: the engine that computes. */
    ENGINE,
    /** One for each call over a table; the SQL functions have no table. */
    TABLE,
    /** One for all rows of a call. */
    CALL,
    /** Each row may have its own. */
    ROW
  }

  /** The endpoints of OpenAI's API whose request bodies are read. */
  public enum Endpoint {
    CHAT_COMPLETIONS,
    RESPONSES
  }

  /** How a value is written. */
  public enum Kind {
    STRING,
    /** One string, or a JSON array of strings. */
    STRING_LIST,
    /** true or false, one string, or a JSON array of strings. */
    FLAG_OR_NAMES,
    JSON_OBJECT,
    JSON_ARRAY,
    /** A JSON object of numbers by token id. */
    NUMBERS_BY_TOKEN,
    INT,
    LONG,
    /** A number of bytes, optionally followed by k, m, g or t (powers of 1024). */
    BYTES,
    /** A number of seconds, or of the unit that follows it: ms, s, m or min, h, d. */
    DURATION,
    DOUBLE,
    BOOLEAN;

    /** Whether the value is a text rather than a number or a boolean. */
    public boolean isText() {
      return switch (this) {
        case STRING, STRING_LIST, FLAG_OR_NAMES, JSON_OBJECT, JSON_ARRAY, NUMBERS_BY_TOKEN -> true;
        case INT, LONG, BYTES, DURATION, DOUBLE, BOOLEAN -> false;
      };
    }
  }

  /** What precedes an option's name in Spark's configuration. */
  public static final String CONF_PREFIX = "spark.gptoss.";

  private final OptionRow row;

  OptionKey(OptionRow row) {
    this.row = row;
  }

  /** The canonical name, in snake case. */
  public String optionName() {
    return row.name;
  }

  /** The canonical name, then those that other software gives the option. */
  public List<String> spellings() {
    return row.spellings;
  }

  public Scope scope() {
    return row.scope;
  }

  public Kind kind() {
    return row.kind;
  }

  /** Null where the option has none. */
  public String defaultValue() {
    return row.defaultValue;
  }

  /** One sentence without its full stop. */
  public String description() {
    return row.description;
  }

  /**
   * Which values the option takes, to be said after "it must be"; empty where it is not limited.
   */
  public String allowedValues() {
    return row.allowed.words();
  }

  Allowed allowed() {
    return row.allowed;
  }

  /** Whether the option is part of how a prompt is rendered. */
  public boolean isRendering() {
    return row.isRendering;
  }

  /** Whether the option is part of how tokens are chosen. */
  public boolean isSampling() {
    return isPerRow() && !row.isRendering;
  }

  /** Whether the option says which model to run, or which engine runs it. */
  public boolean isOfEngine() {
    return row.scope == Scope.MODEL || row.scope == Scope.ENGINE;
  }

  /** Whether rows of one call may differ in the option. */
  public boolean isPerRow() {
    return row.scope == Scope.ROW;
  }

  /** Whether a call of a SQL function takes the option as an argument. */
  public boolean isArgument() {
    return this == MODEL || row.scope == Scope.CALL || row.scope == Scope.ROW;
  }

  /** Whether it is part of prompts, which nothing shows but their lengths and hashes. */
  public boolean holdsText() {
    return row.holdsText;
  }

  /** Whether the value is a secret, which nothing shows. */
  public boolean isSecret() {
    return row.isSecret;
  }

  /**
   * Fields of a request's body that set the option, the strongest first; a dot leads into an
   * object. Empty where the endpoint has no such field.
   */
  public List<String> bodyFields(Endpoint endpoint) {
    return row.bodyFields.getOrDefault(endpoint, List.of());
  }

  /**
   * The option of this name.
   *
   * @throws io.github.gptoss.engine.error.InvalidConfigException if there is none; names the
   *     nearest
   */
  public static OptionKey of(String name) {
    OptionName option = OptionName.of(name);
    if (option.isColumn()) {
      throw ConfErrors.unknownOption(name, names(), names());
    }
    return option.key();
  }

  /** Canonical names of all options. */
  public static List<String> names() {
    return Arrays.stream(values()).map(OptionKey::optionName).toList();
  }
}
