package io.github.gptoss.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.error.InvalidRequestException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Option;

/**
 * The keys of a request as options; the two have the same names and one reader. They serve the
 * single prompt, and lines that leave a key out.
 */
final class RequestOptions {
  @Option(names = "--max-tokens", paramLabel = "N", description = "Tokens to generate, at most.")
  private Integer maxTokens;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description = "0, the default, takes the likeliest token.")
  private Double temperature;

  @Option(names = "--top-p", paramLabel = "P", description = "Keep tokens up to this probability.")
  private Double topP;

  @Option(names = "--top-k", paramLabel = "K", description = "Keep the K likeliest tokens.")
  private Integer topK;

  @Option(
      names = "--min-p",
      paramLabel = "P",
      description = "Keep tokens at least this probable beside the likeliest.")
  private Double minP;

  @Option(names = "--repetition-penalty", paramLabel = "X", description = "1 is off.")
  private Double repetitionPenalty;

  @Option(names = "--presence-penalty", paramLabel = "X", description = "0 is off.")
  private Double presencePenalty;

  @Option(names = "--frequency-penalty", paramLabel = "X", description = "0 is off.")
  private Double frequencyPenalty;

  @Option(
      names = "--logit-bias",
      paramLabel = "ID=X",
      description = "Added to the logit of a token id; may be repeated.")
  private Map<String, Double> logitBias = new TreeMap<>();

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "Ends the answer where it appears; may be repeated.")
  private List<String> stop = new ArrayList<>();

  @Option(
      names = "--logprobs",
      paramLabel = "N",
      description = "Report log-probabilities of each token and of N alternatives (--jsonl).")
  private Integer logprobs;

  @Option(
      names = "--reasoning-effort",
      paramLabel = "EFFORT",
      description = "low, medium, high or none.")
  private String reasoningEffort;

  @Option(
      names = "--max-reasoning-tokens",
      paramLabel = "N",
      description = "Tokens of reasoning before the answer is forced.")
  private Integer maxReasoningTokens;

  @Option(names = "--system", paramLabel = "TEXT", description = "The model's identity.")
  private String system;

  @Option(names = "--developer", paramLabel = "TEXT", description = "Instructions.")
  private String developer;

  @Option(names = "--tools", paramLabel = "JSON", description = "Functions, in OpenAI's form.")
  private String tools;

  @Option(
      names = "--response-format",
      paramLabel = "JSON",
      description = "The form of the answer, in OpenAI's form.")
  private String responseFormat;

  @Option(
      names = "--loop-detection-tokens",
      paramLabel = "N",
      description = "End where the last N tokens repeat a cycle at least three times.")
  private Integer loopDetectionTokens;

  @Option(names = "--ignore-eos", description = "Go on past the end of the answer.")
  private boolean ignoreEos;

  /**
   * The options that are given, by their keys.
   *
   * @param seed null if not given
   * @throws io.github.gptoss.engine.error.InvalidConfigException if an option is not valid JSON
   */
  ObjectNode toJson(Long seed) {
    ObjectNode json = Json.object();
    json.put("max_tokens", maxTokens);
    json.put("temperature", temperature);
    json.put("top_p", topP);
    json.put("top_k", topK);
    json.put("min_p", minP);
    json.put("repetition_penalty", repetitionPenalty);
    json.put("presence_penalty", presencePenalty);
    json.put("frequency_penalty", frequencyPenalty);
    json.put("seed", seed);
    json.put("logprobs", logprobs);
    json.put("reasoning_effort", reasoningEffort);
    json.put("max_reasoning_tokens", maxReasoningTokens);
    json.put("system", system);
    json.put("developer", developer);
    json.set("tools", parsed("--tools", tools));
    json.set("response_format", parsed("--response-format", responseFormat));
    json.put("loop_detection_tokens", loopDetectionTokens);
    if (ignoreEos) {
      json.put("ignore_eos", true);
    }
    if (!logitBias.isEmpty()) {
      ObjectNode biases = json.putObject("logit_bias");
      logitBias.forEach(biases::put);
    }
    if (!stop.isEmpty()) {
      ArrayNode texts = json.putArray("stop");
      stop.forEach(texts::add);
    }
    return json;
  }

  private static JsonNode parsed(String option, String json) {
    if (json == null) {
      return null;
    }
    try {
      return Json.node(json);
    } catch (InvalidRequestException e) {
      throw CliErrors.badOption(option, "is not valid JSON; check the shell's quotes");
    }
  }
}
