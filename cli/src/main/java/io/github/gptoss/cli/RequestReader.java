package io.github.gptoss.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.GenerationRequest;
import io.github.gptoss.engine.constraint.ChoiceProbabilities;
import io.github.gptoss.engine.constraint.ConstraintSpec;
import io.github.gptoss.engine.constraint.TurnSpec;
import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.engine.harmony.Conversation;
import io.github.gptoss.engine.harmony.ConversationBuilder;
import io.github.gptoss.engine.harmony.HarmonyEncoding;
import io.github.gptoss.engine.sampling.SamplingParams;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Makes generation requests from JSON objects; keys that one leaves out take their defaults. */
final class RequestReader {
  private static final List<String> PROMPTS = List.of("prompt", "messages", "tokens");
  private static final List<String> CONVERSATION =
      List.of(
          "reasoning_effort",
          "system",
          "developer",
          "tools",
          "response_format",
          "structured_outputs",
          "choice_probabilities",
          "choice_probabilities_cutoff",
          "max_reasoning_tokens");
  private static final List<String> KEYS =
      Stream.of(
              PROMPTS,
              CONVERSATION,
              SamplingKeys.ALL,
              List.of("max_tokens", "stop", "ignore_eos", "loop_detection_tokens", "lora", "n"))
          .flatMap(List::stream)
          .toList();

  private static final String STOP = "a string or an array of up to 16 strings";

  private final ObjectNode defaults;

  /**
   * @param defaults values of keys; those of a conversation do not count for raw tokens
   */
  RequestReader(ObjectNode defaults) {
    this.defaults = defaults;
  }

  /**
   * @throws InvalidRequestException saying what is wrong with the line
   */
  GenerationRequest.Builder read(ObjectNode line) {
    Fields fields = Fields.line(line, defaults, KEYS);
    GenerationRequest.Builder request =
        prompt(fields).equals("tokens") ? raw(fields) : conversation(fields);
    fields.integer("max_tokens", request::maxTokens);
    fields.flag("ignore_eos", request::ignoreEos);
    fields.integer("loop_detection_tokens", request::loopDetectionTokens);
    request.lora(fields.text("lora"));
    request.sampling(SamplingKeys.read(fields, SamplingParams.builder()));
    return request.stop(stop(fields));
  }

  /**
   * The samples that a line asks for: the first one is what it asks for without {@code n}, and each
   * other one has a seed of its own.
   *
   * @throws InvalidRequestException saying what is wrong with the line
   */
  List<GenerationRequest> samples(ObjectNode line) {
    GenerationRequest.Builder request = read(line);
    GenerationRequest first = request.build();
    int[] samples = {1};
    Fields.line(line, defaults, KEYS).integer("n", value -> samples[0] = value);
    if (samples[0] < 1 || samples[0] > SamplingParams.MOST_SAMPLES) {
      throw CliErrors.wrongType(
          "n", "the number " + samples[0], "from 1 to " + SamplingParams.MOST_SAMPLES);
    }
    List<GenerationRequest> all = new ArrayList<>(List.of(first));
    for (int i = 1; i < samples[0]; i++) {
      all.add(request.sampling(first.sampling().ofSample(i)).build());
    }
    return all;
  }

  /** The one key that holds the prompt. */
  private static String prompt(Fields fields) {
    List<String> given = PROMPTS.stream().filter(key -> fields.node(key) != null).toList();
    if (given.size() == 1) {
      return given.get(0);
    }
    if (given.isEmpty() && PROMPTS.stream().anyMatch(fields::has)) {
      throw CliErrors.nullPrompt();
    }
    throw CliErrors.conflict(
        given.isEmpty()
            ? "there is no prompt: give one of prompt, messages and tokens"
            : String.join(" and ", given) + " are given: give one of prompt, messages and tokens");
  }

  private static GenerationRequest.Builder raw(Fields fields) {
    for (String key : CONVERSATION) {
      if (fields.gives(key)) {
        throw CliErrors.needsConversation(key);
      }
    }
    return GenerationRequest.raw(IntBuffer.wrap(fields.requiredIntegers("tokens")));
  }

  private static GenerationRequest.Builder conversation(Fields fields) {
    JsonNode messages = fields.node("messages");
    Conversation conversation =
        (messages == null
                ? ConversationBuilder.ofPrompt(fields.requiredText("prompt"))
                : ConversationBuilder.ofMessages(fields.requiredList("messages")))
            .reasoningEffort(fields.text("reasoning_effort"))
            .system(fields.text("system"))
            .developer(fields.text("developer"))
            .tools(fields.node("tools"))
            .responseFormat(fields.node("response_format"))
            .build();
    int[] tokens = HarmonyEncoding.gptOss().renderForCompletion(conversation);
    GenerationRequest.Builder request = GenerationRequest.harmony(IntBuffer.wrap(tokens));
    ConstraintSpec answer =
        ConstraintSpec.of(fields.node("response_format"), fields.node("structured_outputs"))
            .orElse(null);
    double[] cutOff = {ChoiceProbabilities.DEFAULT_CUT_OFF};
    fields.number("choice_probabilities_cutoff", value -> cutOff[0] = value);
    request.turn(
        TurnSpec.of(conversation, answer)
            .with(ChoiceProbabilities.of(fields.node("choice_probabilities"), cutOff[0])));
    fields.integer("max_reasoning_tokens", request::maxReasoningTokens);
    return request;
  }

  private static List<String> stop(Fields fields) {
    JsonNode node = fields.node("stop");
    if (node == null) {
      return List.of();
    }
    if (node.isTextual()) {
      return List.of(node.textValue());
    }
    if (!node.isArray()) {
      throw fields.wrongType("stop", node, STOP);
    }
    List<String> stop = new ArrayList<>();
    for (JsonNode entry : node) {
      if (!entry.isTextual()) {
        throw fields.wrongType("stop[" + stop.size() + "]", entry, "a string, as stop is " + STOP);
      }
      stop.add(entry.textValue());
    }
    return stop;
  }
}
