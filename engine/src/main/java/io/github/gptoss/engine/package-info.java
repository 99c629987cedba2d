/**
 * The engine's public API: open a {@link io.github.gptoss.engine.GptOssEngine}, submit {@link
 * io.github.gptoss.engine.GenerationRequest}s, receive {@link
 * io.github.gptoss.engine.GenerationResult}s. Together with {@code harmony} and {@code error} these
 * are the packages that callers may use; all others are internal.
 */
package io.github.gptoss.engine;
