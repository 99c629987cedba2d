/**
 * What a device must offer to run gpt-oss: about ten fused operations over a whole step's tokens.
 * The layer order is {@code transformer}'s; what is in a step is {@code scheduler}'s.
 */
package io.github.gptoss.engine.backend;
