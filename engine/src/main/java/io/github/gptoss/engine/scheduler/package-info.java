/**
 * Decides, step by step, which tokens of which sequences the model computes and in which KV blocks
 * their keys and values lie. Integers only: no weights, no threads, no text.
 *
 * <p>One thread owns a {@link Scheduler} and everything it hands out.
 */
package io.github.gptoss.engine.scheduler;
