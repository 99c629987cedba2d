package io.github.gptoss.engine.weights;

/**
 * An expected size and how it follows from the configuration, for messages.
 *
 * @param formula for instance {@code 2*intermediate}
 */
record Dim(String formula, long size) {}
