package io.github.gptoss.engine;

import io.github.gptoss.engine.backend.Backend;
import io.github.gptoss.engine.backend.SampleRow;
import io.github.gptoss.engine.backend.SampledTokens;
import io.github.gptoss.engine.backend.Step;
import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.engine.sampling.SampledLogprobs;
import io.github.gptoss.engine.scheduler.ScheduledBatch;
import io.github.gptoss.engine.scheduler.Scheduler;
import io.github.gptoss.engine.scheduler.Sequence;
import java.nio.IntBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
  private static final Logger LOG = LoggerFactory.getLogger(GptOssEngine.class);

  private final ModelSession session;
  private final Scheduler scheduler;
  private final EngineInfo info;
  private final EngineCounters counters;

  /** Work for the engine's thread, which alone touches the scheduler and what is in flight. */
  private final BlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();

  private final Semaphore places;
  private final AtomicLong nextId = new AtomicLong();

  /** Requests whose place is taken. */
  private final Set<InFlight> open = ConcurrentHashMap.newKeySet();

  /** Those of them that the scheduler knows. */
  private final IdentityHashMap<Sequence, InFlight> inFlight = new IdentityHashMap<>();

  private final Thread thread;

  private volatile Throwable death;
  private volatile boolean closed;
  private volatile EngineStats stats;

  /** Steps whose tokens have not been taken yet, the oldest first. */
  private final Queue<Launched> underWay = new ArrayDeque<>();

  /** Requests with tokens that their sequences do not know yet. */
  private final List<InFlight> withFresh = new ArrayList<>();

  private int[] sampledTokens = new int[0];
  private SampledLogprobs[] sampledLogprobs = new SampledLogprobs[0];

  private GptOssEngine(EngineConfig config, Function<EngineConfig, Backend> backends) {
    session = new ModelSession(config, backends);
    scheduler = session.scheduler();
    info = session.info();
    counters = new EngineCounters(session, config.maxNumBatchedTokens());
    places = new Semaphore(config.maxQueuedRequests());
    stats = counters.snapshot();
    thread = new Thread(this::run, "gptoss-engine");
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
    return info;
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
    requireAlive();
    IntBuffer buffer = request.prompt();
    int[] prompt = new int[buffer.remaining()];
    buffer.get(prompt);
    try {
      RequestChecks.model(request, info);
      RequestChecks.prompt(prompt, request.leastTokens(), info);
    } catch (InvalidRequestException e) {
      return CompletableFuture.completedFuture(
          GenerationResult.failed(e.code(), e.getMessage(), prompt.length));
    }
    InFlight flight =
        new InFlight(nextId.getAndIncrement(), request, prompt, session.model(), info);
    while (!places.tryAcquire(1, TimeUnit.SECONDS)) {
      requireAlive();
    }
    open.add(flight);
    CompletableFuture<GenerationResult> future = flight.future();
    // However it ends, cancelled or timed out by its caller too, the engine's thread clears it
    // away.
    var unused = future.whenComplete((result, failure) -> inbox.add(() -> settle(flight)));
    inbox.add(() -> admit(flight));
    if (!isAlive()) {
      // The thread may have looked at the inbox for the last time before this request was in it.
      future.completeExceptionally(unusable());
      throw unusable();
    }
    return future;
  }

  /**
   * Generates for all requests as one batch.
   *
   * @return results in the order of the requests
   * @throws GptOssException if the engine is closed or dies
   */
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
    return stats;
  }

  /** Whether requests can still be served; false for good once it is. */
  public boolean isAlive() {
    return !closed && death == null;
  }

  /**
   * What killed the engine: the throwable that its thread could not go on from. Every request that
   * was pending then has failed with a {@link GptOssException} that has it as its cause, and so
   * does every later call. Empty of an engine that lives or was closed.
   */
  public Optional<Throwable> deathCause() {
    return Optional.ofNullable(death);
  }

  private void requireAlive() {
    if (!isAlive()) {
      throw unusable();
    }
  }

  private GptOssException unusable() {
    return death == null
        ? new GptOssException("the engine is closed: open another one")
        : new GptOssException(
            "the engine failed and cannot go on, its pending requests fail with it: "
                + death
                + "; open another engine, in another process if a device or memory is at fault",
            death);
  }

  private void run() {
    try {
      while (!closed) {
        obeyInbox();
        if (!closed && scheduler.hasWork()) {
          step();
        }
      }
      open.forEach(flight -> flight.future().complete(flight.result(FinishReason.CANCELLED, null)));
    } catch (Throwable t) {
      // Everything ends here, errors too: callers wait for futures that nobody else completes.
      death = t;
      int pending = open.size();
      open.forEach(flight -> flight.future().completeExceptionally(unusable()));
      LOG.error("the engine failed; {} pending requests failed with it", pending, t);
    } finally {
      session.close();
    }
  }

  /** Carries out what is in the inbox; waits for it where there is nothing else to do. */
  private void obeyInbox() throws InterruptedException {
    Runnable command = inbox.poll();
    if (command == null && !scheduler.hasWork()) {
      counters.rest();
      stats = counters.snapshot();
      command = inbox.take();
    }
    while (command != null) {
      command.run();
      command = inbox.poll();
    }
    stats = counters.snapshot();
  }

  private void admit(InFlight flight) {
    if (flight.future().isDone()) {
      return;
    }
    try {
      if (!scheduler.offer(flight.sequence())) {
        throw new IllegalStateException("the scheduler's queue is shorter than the engine's");
      }
      inFlight.put(flight.sequence(), flight);
    } catch (InvalidRequestException e) {
      flight
          .future()
          .complete(
              GenerationResult.failed(e.code(), e.getMessage(), flight.sequence().promptLength()));
    }
  }

  /** Clears away a request whose future is complete, and gives its place to another. */
  private void settle(InFlight flight) {
    if (inFlight.remove(flight.sequence()) != null) {
      scheduler.finish(flight.sequence());
    }
    open.remove(flight);
    places.release();
  }

  /**
   * A step whose computation has been started.
   *
   * @param flights [R], the request of each logits row
   */
  private record Launched(InFlight[] flights, SampledTokens tokens) {}

  /**
   * Starts the next step, and takes the tokens of older ones, which the device has had time to
   * compute; of this one too, where steps are computed as they are called.
   */
  private void step() {
    long startNanos = System.nanoTime();
    int stepsAhead = session.transformer().stepsAhead();
    ScheduledBatch batch = scheduler.schedule(Math.max(1, stepsAhead));
    if (!batch.isEmpty()) {
      underWay.add(launch(batch));
    }
    // Within the step: what stands in for the older one's tokens is known when this one is
    // recorded.
    while (underWay.size() > Math.max(1, stepsAhead) || (batch.isEmpty() && !underWay.isEmpty())) {
      take(underWay.remove());
    }
    scheduler.advance();
    counters.step(batch.tokenCount(), System.nanoTime() - startNanos);
    handOver();
    if (stepsAhead == 0 && !underWay.isEmpty()) {
      take(underWay.remove());
      handOver();
    } else if (stepsAhead == 1 && !underWay.isEmpty()) {
      runAhead(underWay.element());
    }
    stats = counters.snapshot();
  }

  private Launched launch(ScheduledBatch batch) {
    Step step = ModelSession.step(batch);
    session.transformer().forward(step);
    int rows = batch.logitsCount();
    InFlight[] flights = new InFlight[rows];
    SampleRow[] sampleRows = new SampleRow[rows];
    for (int r = 0; r < rows; r++) {
      flights[r] = inFlight.get(batch.sequence(batch.logitsSequences()[r]));
      sampleRows[r] = flights[r].sampling();
    }
    return new Launched(flights, session.transformer().sample(step, sampleRows));
  }

  /** Puts stand-ins for the tokens that a step is choosing, so that the next one can be started. */
  private void runAhead(Launched step) {
    for (int r = 0; r < step.flights.length; r++) {
      InFlight flight = step.flights[r];
      if (!flight.sequence().isFinished()
          && flight.awaits(step)
          && flight.wantsTwoMore()
          && !flight.usesHistory()
          && session.transformer().choosesOnDevice(flight.sampling().params())) {
        scheduler.appendPending(flight.sequence(), -1 - r);
      }
    }
  }

  /** Waits for a step's tokens and gives each to its request. */
  private void take(Launched step) {
    int rows = step.flights.length;
    reserve(rows);
    step.tokens.await(sampledTokens, sampledLogprobs);
    for (int r = 0; r < rows; r++) {
      InFlight flight = step.flights[r];
      if (!flight.sequence().isFinished() && flight.awaits(step)) {
        accept(flight, sampledTokens[r], sampledLogprobs[r]);
      }
    }
  }

  private void reserve(int rows) {
    if (sampledTokens.length < rows) {
      sampledTokens = new int[rows];
      sampledLogprobs = new SampledLogprobs[rows];
    }
  }

  private void accept(InFlight flight, int token, SampledLogprobs logprobs) {
    if (token < 0) {
      finish(
          flight,
          FinishReason.ERROR,
          new RequestError(
              "numerical_error",
              "the model's logits are not finite for this row: the checkpoint is damaged, or its"
                  + " weights overflow float32; check it with another prompt"));
      return;
    }
    int before = flight.outputTokens();
    FinishReason reason;
    try {
      reason = flight.accept(token, logprobs);
    } catch (VirtualMachineError e) {
      throw e; // memory or stack: of everybody, whoever ran into it
    } catch (RuntimeException | Error e) {
      // A caller's listener must not take the engine down with it.
      end(flight);
      flight.future().completeExceptionally(e);
      return;
    }
    if (before == 0) {
      counters.prompt(flight.sequence().promptLength() - flight.sequence().cachedTokens());
    }
    counters.generated(flight.outputTokens() - before);
    if (reason != null) {
      finish(flight, reason, null);
      return;
    }
    int fresh = flight.outputTokens() - before;
    if (flight.sequence().isPending()) {
      scheduler.resolve(flight.sequence(), token);
      flight.handedOver(1);
      if (fresh > 1) {
        // What the step under way chooses after the token alone is not what follows it.
        flight.ignore(underWay.peek());
      }
    }
    if (flight.hasFresh()) {
      withFresh.add(flight);
    }
  }

  /** Appends what requests have taken; between steps. */
  private void handOver() {
    for (InFlight flight : withFresh) {
      if (!flight.sequence().isFinished()) {
        int[] fresh = flight.handOver();
        scheduler.append(flight.sequence(), fresh, 0, fresh.length);
      }
    }
    withFresh.clear();
  }

  private void finish(InFlight flight, FinishReason reason, RequestError error) {
    end(flight);
    flight.future().complete(flight.result(reason, error));
  }

  private void end(InFlight flight) {
    scheduler.finish(flight.sequence());
    inFlight.remove(flight.sequence());
  }

  /** Ends pending requests with {@link FinishReason#CANCELLED} and frees the model. */
  @Override
  public void close() {
    inbox.add(() -> closed = true);
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
