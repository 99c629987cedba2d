package io.github.gptoss.engine;

import io.github.gptoss.engine.harmony.ToolCall;
import java.util.List;

/**
 * What one request produced.
 *
 * @param tokens generated token ids in order, the stop token included
 * @param response text of the final channel, or where there is none, what else the model says to
 *     the user; cut before a stop string; null for a raw request, and for one that failed before it
 *     generated anything
 * @param formed the answer whose form the request asks for; null where it asks for none
 * @param reasoning text of the analysis channel; null where {@code response} is
 * @param commentary text for the user on the commentary channel, for instance what the model says
 *     before it calls a tool; null where {@code response} is
 * @param toolCalls the calls the model made, in order; empty where there are none
 * @param salvaged whether the completion broke Harmony's format and was read leniently
 * @param logprobs one entry a generated token if asked for, else empty
 * @param error null unless {@code finishReason} is {@link FinishReason#ERROR}
 */
public record GenerationResult(
    int[] tokens,
    FinishReason finishReason,
    Usage usage,
    String response,
    FormedAnswer formed,
    String reasoning,
    String commentary,
    List<ToolCall> toolCalls,
    boolean salvaged,
    List<TokenLogprobs> logprobs,
    RequestError error) {

  /** The whole answer, in the form that the request asks for; null where there is none. */
  public String parsed() {
    return formed == null ? null : formed.text();
  }

  /** The result of a request that was refused before it generated anything. */
  public static GenerationResult failed(String code, String message, int inputTokens) {
    return failed(new RequestError(code, message), inputTokens);
  }

  /** As {@link #failed(String, String, int)}. */
  public static GenerationResult failed(RequestError error, int inputTokens) {
    return new GenerationResult(
        new int[0],
        FinishReason.ERROR,
        new Usage(inputTokens, 0, 0, 0),
        null,
        null,
        null,
        null,
        List.of(),
        false,
        List.of(),
        error);
  }
}
