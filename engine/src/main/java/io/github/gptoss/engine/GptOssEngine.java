package io.github.gptoss.engine;

import io.github.gptoss.engine.backend.Backend;
import io.github.gptoss.engine.error.ConstraintException;
import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidRequestException;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * Loads a model once and generates for many callers at a time: the requests of all of them meet in
 * one continuous batch. Thread-safe.
 *
 * <pre>{@code
 * try (GptOssEngine engine = GptOssEngine.open(EngineConfig.builder("demo").build())) {
 *   Conversation conversation = ConversationBuilder.ofPrompt("What is 2 + 3?").build();
 *   int[] prompt = HarmonyEncoding.gptOss().renderForCompletion(conversation);
 *   GenerationRequest request = GenerationRequest.harmony(IntBuffer.wrap(prompt)).build();
 *   System.out.println(engine.generate(List.of(request)).get(0).response());
 * }
 * }</pre>
 */
public final class GptOssEngine implements AutoCloseable {
  private final ModelSession session;
  private final EngineLoop loop;
  private final Thread thread;
  private final AtomicLong nextId = new AtomicLong();

  private GptOssEngine(EngineConfig config, Function<EngineConfig, Backend> backends) {
    session = new ModelSession(config, backends);
    loop = new EngineLoop(session, config);
    thread = new Thread(loop, "gptoss-engine");
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Loads a model.
   *
   * @throws io.github.gptoss.engine.error.InvalidModelException if the checkpoint is unusable
   * @throws io.github.gptoss.engine.error.InvalidConfigException if the backend is not available or
   *     memory does not suffice
   */
  public static GptOssEngine open(EngineConfig config) {
    return open(config, Backends::open);
  }

  /** {@link #open(EngineConfig)} on another backend than the configuration names. */
  static GptOssEngine open(EngineConfig config, Function<EngineConfig, Backend> backends) {
    return new GptOssEngine(config, backends);
  }

  public EngineInfo info() {
    return session.info();
  }

  /**
   * Queues a request; blocks while {@link EngineConfig#maxQueuedRequests} are unfinished. What is
   * wrong with the request itself is a result with {@link FinishReason#ERROR}. Cancel the future to
   * drop the request.
   *
   * @return fails with {@link GptOssException} only if the engine dies; callbacks run on the
   *     engine's thread and must return at once
   * @throws GptOssException if the engine is closed or dead
   */
  public CompletableFuture<GenerationResult> submit(GenerationRequest request)
      throws InterruptedException {
    loop.requireAlive();
    EngineInfo info = session.info();
    IntBuffer buffer = request.prompt();
    int[] prompt = new int[buffer.remaining()];
    buffer.get(prompt);
    CompiledTurn form;
    int adapter;
    try {
      adapter = session.adapter(request.lora());
      RequestChecks.model(request, info);
      RequestChecks.prompt(prompt, request.leastTokens(), info);
      form = session.turns().get(request.turn());
    } catch (InvalidRequestException e) {
      return CompletableFuture.completedFuture(
          GenerationResult.failed(e.code(), e.getMessage(), prompt.length));
    } catch (ConstraintException e) {
      return CompletableFuture.completedFuture(
          GenerationResult.failed(RequestError.of(e), prompt.length));
    }
    return loop.submit(
        new InFlight(
            nextId.getAndIncrement(), request, form, prompt, adapter, session.model(), info));
  }

  /** Generates for all as one batch, in their order; fails if the engine is closed or dies. */
  public List<GenerationResult> generate(List<GenerationRequest> requests)
      throws InterruptedException {
    List<CompletableFuture<GenerationResult>> futures = new ArrayList<>(requests.size());
    List<GenerationResult> results = new ArrayList<>(requests.size());
    try {
      for (GenerationRequest request : requests) {
        futures.add(submit(request));
      }
      for (CompletableFuture<GenerationResult> future : futures) {
        results.add(future.get());
      }
      return results;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof GptOssException known
          ? known
          : new GptOssException("generation failed: " + e.getCause(), e.getCause());
    } finally {
      // Only after an exception is anything left to cancel.
      futures.forEach(future -> future.cancel(true));
    }
  }

  /** The latest counters; costs nothing, from any thread. */
  public EngineStats stats() {
    return loop.stats();
  }

  /** Whether requests can still be served; false for good once it is. */
  public boolean isAlive() {
    return loop.isAlive();
  }

  /**
   * What killed the engine: the throwable that its thread could not go on from. Every request that
   * was pending then has failed with a {@link GptOssException} that has it as its cause, and so
   * does every later call. Empty of an engine that lives or was closed.
   */
  public Optional<Throwable> deathCause() {
    return Optional.ofNullable(loop.death());
  }

  /** Ends pending requests with {@link FinishReason#CANCELLED} and frees the model. */
  @Override
  public void close() {
    loop.end();
    if (Thread.currentThread() == thread) {
      return; // a callback closes its own engine: the thread ends when it returns
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
