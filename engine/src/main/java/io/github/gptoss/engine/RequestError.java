package io.github.gptoss.engine;

/**
 * Why a request failed.
 *
 * @param code a stable name in snake case: {@code null_prompt}, {@code invalid_conversation},
 *     {@code invalid_parameter}, {@code context_length_exceeded}, {@code internal_error}
 * @param message one line: problem, cause, fix; never quotes the prompt
 */
public record RequestError(String code, String message) {}
