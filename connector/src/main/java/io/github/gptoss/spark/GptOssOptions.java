package io.github.gptoss.spark;

import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionName;
import io.github.gptoss.spark.internal.options.OptionValues;
import io.github.gptoss.spark.internal.options.SparkFaults;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Options of a call, as setters or by name. Immutable: every method returns new options. What is
 * not set here comes from Spark's configuration ({@code spark.gptoss.<option>}), else from {@link
 * OptionKey}, where every option is described with its default. Nothing is checked before the
 * options are used.
 *
 * <pre>{@code
 * GptOssOptions options = GptOssOptions.create().model("demo").reasoningEffort("low").maxTokens(200);
 * }</pre>
 */
public final class GptOssOptions {
  private static final GptOssOptions NONE = new GptOssOptions(Map.of());

  private final Map<String, String> values;

  private GptOssOptions(Map<String, String> values) {
    this.values = values;
  }

  /** No option set. */
  public static GptOssOptions create() {
    return NONE;
  }

  /**
   * Options by name; snake case and camel case are the same.
   *
   * <p>Throws an {@link org.apache.spark.sql.AnalysisException} if there is no such option, which
   * names the nearest, or one is given in two spellings. As Spark's own methods, this one does not
   * declare it.
   */
  public static GptOssOptions of(Map<String, String> options) {
    Map<OptionName, String> named = SparkFaults.analysed(() -> OptionValues.byName(options));
    GptOssOptions all = NONE;
    for (Map.Entry<OptionName, String> option : named.entrySet()) {
      all = all.set(option.getKey(), option.getValue());
    }
    return all;
  }

  /**
   * Sets one option by name, whether or not it was set before; null takes it back. An option that
   * may differ from row to row is also read from a column: {@code set("temperature_col", "t")}.
   *
   * <p>Throws an {@link org.apache.spark.sql.AnalysisException} if there is no such option, which
   * names the nearest.
   */
  public GptOssOptions set(String name, String value) {
    return set(SparkFaults.analysed(() -> OptionName.of(name)), value);
  }

  private GptOssOptions set(OptionKey key, Object value) {
    return set(new OptionName(key, false), value);
  }

  private GptOssOptions set(OptionName name, Object value) {
    Map<String, String> more = new LinkedHashMap<>(values);
    if (value == null) {
      more.remove(name.text());
    } else {
      more.put(name.text(), value.toString());
    }
    return new GptOssOptions(Collections.unmodifiableMap(more));
  }

  /** What is set, by canonical name. */
  public Map<String, String> toMap() {
    return values;
  }

  /** Folder or address of a gpt-oss checkpoint, or {@code demo}. */
  public GptOssOptions model(String value) {
    return set(OptionKey.MODEL, value);
  }

  /** Addresses of LoRA adapters by the names by which rows ask for them. */
  public GptOssOptions loraAdapters(Map<String, String> value) {
    return set(OptionKey.LORA_ADAPTERS, OptionValues.jsonAddresses(value));
  }

  /** Folder of each machine for copies of models. */
  public GptOssOptions modelCacheDir(String value) {
    return set(OptionKey.MODEL_CACHE_DIR, value);
  }

  /** {@code auto}, {@code always} or {@code never}. */
  public GptOssOptions modelCopy(String value) {
    return set(OptionKey.MODEL_COPY, value);
  }

  /** Whether a model in the cache is hashed again whenever an engine opens it. */
  public GptOssOptions verifyModel(boolean value) {
    return set(OptionKey.VERIFY_MODEL, value);
  }

  /** Token for hub models that are gated or private. */
  public GptOssOptions hfToken(String value) {
    return set(OptionKey.HF_TOKEN, value);
  }

  /** Address of the hub. */
  public GptOssOptions hfEndpoint(String value) {
    return set(OptionKey.HF_ENDPOINT, value);
  }

  /** {@code cpu} or {@code cuda}. */
  public GptOssOptions backend(String value) {
    return set(OptionKey.BACKEND, value);
  }

  /** String column that holds the prompt. */
  public GptOssOptions promptCol(String value) {
    return set(OptionKey.PROMPT_COL, value);
  }

  /** Column that holds a conversation: message structs or message JSON. */
  public GptOssOptions messagesCol(String value) {
    return set(OptionKey.MESSAGES_COL, value);
  }

  /** Column that holds whole requests with parameters of their own. */
  public GptOssOptions requestCol(String value) {
    return set(OptionKey.REQUEST_COL, value);
  }

  /** Prompt with columns in braces. */
  public GptOssOptions promptTemplate(String value) {
    return set(OptionKey.PROMPT_TEMPLATE, value);
  }

  /** Name of the column that is added. */
  public GptOssOptions outputCol(String value) {
    return set(OptionKey.OUTPUT_COL, value);
  }

  /** Whether completions carry the token ids of prompt and completion. */
  public GptOssOptions includeTokens(boolean value) {
    return set(OptionKey.INCLUDE_TOKENS, value);
  }

  /**
   * Type of what is parsed of answers that have a form: {@code struct}, {@code variant} or {@code
   * string}.
   */
  public GptOssOptions parsedType(String value) {
    return set(OptionKey.PARSED_TYPE, value);
  }

  /** Whether the first row that cannot be completed fails the job. */
  public GptOssOptions failOnError(boolean value) {
    return set(OptionKey.FAIL_ON_ERROR, value);
  }

  /** Whether rows without an answer that will do are asked again at the next reasoning effort. */
  public GptOssOptions escalateEffort(boolean value) {
    return set(OptionKey.ESCALATE_EFFORT, value);
  }

  /** The least confidence of an answer; rows below it are asked again as well. */
  public GptOssOptions minConfidence(double value) {
    return set(OptionKey.MIN_CONFIDENCE, value);
  }

  /** {@code majority} makes the answer that most samples of a row give the row's answer. */
  public GptOssOptions vote(String value) {
    return set(OptionKey.VOTE, value);
  }

  /** {@code low}, {@code medium} or {@code high}. */
  public GptOssOptions reasoningEffort(String value) {
    return set(OptionKey.REASONING_EFFORT, value);
  }

  /** Model identity, the first line of the system message. */
  public GptOssOptions systemPrompt(String value) {
    return set(OptionKey.SYSTEM_PROMPT, value);
  }

  /** Instructions. */
  public GptOssOptions developerPrompt(String value) {
    return set(OptionKey.DEVELOPER_PROMPT, value);
  }

  /**
   * {@code error}, {@code truncate_start}, {@code truncate_middle}, {@code truncate_end} or {@code
   * map_reduce}: what becomes of a row that is too long for the context.
   */
  public GptOssOptions overflow(String value) {
    return set(OptionKey.OVERFLOW, value);
  }

  /** OpenAI's tools JSON. */
  public GptOssOptions tools(String value) {
    return set(OptionKey.TOOLS, value);
  }

  /**
   * OpenAI's response_format JSON, or a Spark type such as {@code
   * struct<category:string,urgency:int>}: the answer is guaranteed to have that form.
   */
  public GptOssOptions responseFormat(String value) {
    return set(OptionKey.RESPONSE_FORMAT, value);
  }

  /**
   * {@code true}, for the probabilities of the values that the answer may have; or a member of the
   * answer whose values' probabilities completions have, names joined by dots; or a JSON array of
   * members.
   */
  public GptOssOptions choiceProbabilities(String value) {
    return set(OptionKey.CHOICE_PROBABILITIES, value);
  }

  /** Ways to write a value that are less probable may be left out. */
  public GptOssOptions choiceProbabilitiesCutoff(double value) {
    return set(OptionKey.CHOICE_PROBABILITIES_CUTOFF, value);
  }

  /** vLLM's structured_outputs JSON: a schema, a regular expression or choices for the answer. */
  public GptOssOptions structuredOutputs(String value) {
    return set(OptionKey.STRUCTURED_OUTPUTS, value);
  }

  /** Tables that answer the model's calls, as JSON by function. */
  public GptOssOptions toolLookup(String value) {
    return set(OptionKey.TOOL_LOOKUP, value);
  }

  /** Table of pages for the model's built-in browser, as JSON. */
  public GptOssOptions toolBrowser(String value) {
    return set(OptionKey.TOOL_BROWSER, value);
  }

  /** Addresses that answer the model's calls, as JSON by function. */
  public GptOssOptions toolHttp(String value) {
    return set(OptionKey.TOOL_HTTP, value);
  }

  /** Beginnings of addresses that {@link #toolHttp} may name. */
  public GptOssOptions toolHttpAllow(List<String> value) {
    return set(OptionKey.TOOL_HTTP_ALLOW, OptionValues.jsonArray(value));
  }

  /** Commands that answer the model's calls, as JSON by function. */
  public GptOssOptions toolProcess(String value) {
    return set(OptionKey.TOOL_PROCESS, value);
  }

  /** Implementations of ToolExecutor that answer the model's calls, as JSON by name. */
  public GptOssOptions toolExecutors(String value) {
    return set(OptionKey.TOOL_EXECUTORS, value);
  }

  /** How often the tools of a row answer, at most. */
  public GptOssOptions maxToolRounds(int value) {
    return set(OptionKey.MAX_TOOL_ROUNDS, value);
  }

  /** Time of a tool's call. */
  public GptOssOptions toolTimeoutSeconds(double value) {
    return set(OptionKey.TOOL_TIMEOUT_SECONDS, value);
  }

  /** Batches of calls that a tool of a task has under way at a time, at most. */
  public GptOssOptions toolConcurrency(int value) {
    return set(OptionKey.TOOL_CONCURRENCY, value);
  }

  /** Template in the place of a task function's own prompt. */
  public GptOssOptions taskPrompt(String value) {
    return set(OptionKey.TASK_PROMPT, value);
  }

  /** Tokens a completion may have. */
  public GptOssOptions maxTokens(int value) {
    return set(OptionKey.MAX_TOKENS, value);
  }

  /** Tokens that reasoning may take before the answer is forced. */
  public GptOssOptions maxReasoningTokens(int value) {
    return set(OptionKey.MAX_REASONING_TOKENS, value);
  }

  /** 0 takes the most likely token. */
  public GptOssOptions temperature(double value) {
    return set(OptionKey.TEMPERATURE, value);
  }

  public GptOssOptions topP(double value) {
    return set(OptionKey.TOP_P, value);
  }

  public GptOssOptions topK(int value) {
    return set(OptionKey.TOP_K, value);
  }

  public GptOssOptions minP(double value) {
    return set(OptionKey.MIN_P, value);
  }

  /** Subtracted once from the logits of tokens that the completion has already. */
  public GptOssOptions presencePenalty(double value) {
    return set(OptionKey.PRESENCE_PENALTY, value);
  }

  /** Subtracted from a token's logit once for each time that the completion has it. */
  public GptOssOptions frequencyPenalty(double value) {
    return set(OptionKey.FREQUENCY_PENALTY, value);
  }

  /** Divides the logits of tokens that prompt or completion have already. */
  public GptOssOptions repetitionPenalty(double value) {
    return set(OptionKey.REPETITION_PENALTY, value);
  }

  /** Added to the logits of tokens, by token id. */
  public GptOssOptions logitBias(Map<Integer, Float> value) {
    return set(OptionKey.LOGIT_BIAS, OptionValues.jsonObject(value));
  }

  public GptOssOptions seed(long value) {
    return set(OptionKey.SEED, value);
  }

  /** Samples of a row, at most 128. */
  public GptOssOptions n(int value) {
    return set(OptionKey.N, value);
  }

  /** Strings that end the answer. */
  public GptOssOptions stop(List<String> value) {
    return set(OptionKey.STOP, OptionValues.jsonArray(value));
  }

  /** Ends a completion whose last so many tokens repeat a cycle; 0 is off. */
  public GptOssOptions loopDetectionTokens(int value) {
    return set(OptionKey.LOOP_DETECTION_TOKENS, value);
  }

  /** GPUs of an executor that share the layers of a model. */
  public GptOssOptions pipelineParallelSize(int value) {
    return set(OptionKey.PIPELINE_PARALLEL_SIZE, value);
  }

  /** CPU threads of an executor's engine. */
  public GptOssOptions threads(int value) {
    return set(OptionKey.THREADS, value);
  }

  public GptOssOptions maxModelLen(int value) {
    return set(OptionKey.MAX_MODEL_LEN, value);
  }

  public GptOssOptions maxNumSeqs(int value) {
    return set(OptionKey.MAX_NUM_SEQS, value);
  }

  public GptOssOptions maxNumBatchedTokens(int value) {
    return set(OptionKey.MAX_NUM_BATCHED_TOKENS, value);
  }

  public GptOssOptions kvCacheBytes(long value) {
    return set(OptionKey.KV_CACHE_BYTES, value);
  }

  /** Share of a GPU's memory that the engine may use. */
  public GptOssOptions gpuMemoryUtilization(double value) {
    return set(OptionKey.GPU_MEMORY_UTILIZATION, value);
  }

  /** Whether a GPU multiplies by wgmma; unproven. */
  public GptOssOptions cudaWgmma(boolean value) {
    return set(OptionKey.CUDA_WGMMA, value);
  }

  public GptOssOptions enablePrefixCaching(boolean value) {
    return set(OptionKey.ENABLE_PREFIX_CACHING, value);
  }

  /** Name of the adapter that computes the rows; empty for the model alone. */
  public GptOssOptions lora(String value) {
    return set(OptionKey.LORA, value);
  }

  /** A name of an adapter, or any other name for the model alone. */
  public GptOssOptions requestedModel(String value) {
    return set(OptionKey.REQUESTED_MODEL, value);
  }

  /** Partitions that rows are spread over before they are generated; 0 leaves them as they are. */
  public GptOssOptions repartition(int value) {
    return set(OptionKey.REPARTITION, value);
  }

  /** Whether rows of a stage that ask the same are generated once per executor. */
  public GptOssOptions deduplicate(boolean value) {
    return set(OptionKey.DEDUPLICATE, value);
  }

  /** Rows that a task has in flight, at most. */
  public GptOssOptions windowRows(int value) {
    return set(OptionKey.WINDOW_ROWS, value);
  }

  /** Memory that a task's rows in flight may take, at most. */
  public GptOssOptions windowBytes(long value) {
    return set(OptionKey.WINDOW_BYTES, value);
  }

  /** Tokens of prompts and completions that a query may take, on all executors together. */
  public GptOssOptions tokenBudget(long value) {
    return set(OptionKey.TOKEN_BUDGET, value);
  }

  /** Time that a query may take, for instance {@code 30m}. */
  public GptOssOptions timeBudget(String value) {
    return set(OptionKey.TIME_BUDGET, value);
  }

  /** Folder of completions that runs share. */
  public GptOssOptions completionCache(String value) {
    return set(OptionKey.COMPLETION_CACHE, value);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof GptOssOptions o && o.values.equals(values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  /** Names only: values may hold prompts. */
  @Override
  public String toString() {
    return "GptOssOptions" + values.keySet();
  }
}
