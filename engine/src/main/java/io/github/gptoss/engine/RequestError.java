package io.github.gptoss.engine;

import io.github.gptoss.engine.error.ConstraintException;

/**
 * Why a request failed.
 *
 * @param code a stable name in snake case: {@code null_prompt}, {@code invalid_conversation},
 *     {@code invalid_parameter}, {@code context_length_exceeded}, {@code internal_error}
 * @param message one line: problem, cause, fix; never quotes the prompt
 * @param keyword what is at fault in the form that the answer has to have; null for other errors
 * @param path where the keyword stands in the schema, as a JSON pointer; null for other errors
 */
public record RequestError(String code, String message, String keyword, String path) {
  public RequestError(String code, String message) {
    this(code, message, null, null);
  }

  /** What is wrong with the form that the answer has to have. */
  public static RequestError of(ConstraintException e) {
    return new RequestError(e.code().text(), e.getMessage(), e.keyword(), e.path());
  }
}
