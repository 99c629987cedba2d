package io.github.gptoss.spark.internal.prompts;

import io.github.gptoss.engine.constraint.TurnSpec;

/**
 * What is known of a prompt that was rendered, beside its ids.
 *
 * @param turn what forms the answer and the calls of functions are guaranteed to have
 * @param effort the reasoning effort that the prompt says, {@code none} where it says none; null
 *     where no effort applies, its system message being plain text in which none can be set
 * @param userText that was rendered in the place of the row's own; null where that was
 */
public record RenderedPrompt(TurnSpec turn, String effort, String userText) {}
