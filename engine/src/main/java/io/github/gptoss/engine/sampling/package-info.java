/**
 * From one row of logits to one token: penalties, truncation, the draw and log-probabilities.
 *
 * <p>The result depends on the row, its parameters and the token's position alone. Arithmetic is
 * IEEE {@code + - * /} and {@link java.lang.StrictMath}, and sums that could be taken in several
 * orders are sums of integers, so the same row gives the same token on every JVM and CPU.
 */
package io.github.gptoss.engine.sampling;
