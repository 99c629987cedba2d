package io.github.gptoss.engine.weights;

/** An expected size and how it follows from the configuration, such as 2*intermediate. */
record Dim(String formula, long size) {}
