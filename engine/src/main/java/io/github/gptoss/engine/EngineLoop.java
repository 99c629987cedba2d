package io.github.gptoss.engine;

import io.github.gptoss.engine.backend.SampleRow;
import io.github.gptoss.engine.backend.SampledTokens;
import io.github.gptoss.engine.backend.Step;
import io.github.gptoss.engine.error.ConstraintException;
import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.engine.sampling.TokenDetails;
import io.github.gptoss.engine.scheduler.ScheduledBatch;
import io.github.gptoss.engine.scheduler.Scheduler;
import io.github.gptoss.engine.scheduler.Sequence;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the engine's thread does: it takes requests from an inbox, computes step after step, and
 * gives each request its tokens. That thread alone touches the scheduler and what is in flight.
 */
final class EngineLoop implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(EngineLoop.class);

  private final ModelSession session;
  private final Scheduler scheduler;
  private final EngineCounters counters;

  /** Work for the engine's thread. */
  private final BlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();

  private final Semaphore permits;

  /** Requests that have a permit. */
  private final Set<InFlight> open = ConcurrentHashMap.newKeySet();

  /** Who wants the logits of the sequences that the scheduler knows. */
  private final IdentityHashMap<Sequence, LogitsUser> users = new IdentityHashMap<>();

  private volatile Throwable death;
  private volatile boolean closed;
  private volatile EngineStats stats;

  /** The step whose forward pass was started last; null where nothing was scheduled. */
  private Launched launched;

  /** Steps whose tokens have not been taken yet, the oldest first. */
  private final Queue<Launched> underWay = new ArrayDeque<>();

  /** Requests with tokens that their sequences do not know yet. */
  private final List<InFlight> withFresh = new ArrayList<>();

  private int[] sampledTokens = new int[0];
  private TokenDetails[] sampledDetails = new TokenDetails[0];

  EngineLoop(ModelSession session, EngineConfig config) {
    this.session = session;
    scheduler = session.scheduler();
    counters = new EngineCounters(session, config.maxNumBatchedTokens());
    permits = new Semaphore(config.maxQueuedRequests());
    stats = counters.snapshot();
  }

  EngineStats stats() {
    return stats;
  }

  boolean isAlive() {
    return !closed && death == null;
  }

  /** What the thread could not go on from; null while it lives, and after {@link #end}. */
  Throwable death() {
    return death;
  }

  /** Ends the thread after what it is doing. */
  void end() {
    inbox.add(() -> closed = true);
  }

  /** Queues a request; blocks while as many as there are permits are unfinished. */
  CompletableFuture<GenerationResult> submit(InFlight flight) throws InterruptedException {
    while (!permits.tryAcquire(1, TimeUnit.SECONDS)) {
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

  void requireAlive() {
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

  @Override
  public void run() {
    try {
      while (!closed) {
        obeyInbox();
        if (!closed && scheduler.hasWork()) {
          step();
        }
      }
      open.forEach(flight -> flight.future().complete(flight.result(FinishReason.CANCELLED, null)));
    } catch (Throwable t) {
      // Everything ends here, errors too: callers wait for futures that no other code completes.
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
      users.put(flight.sequence(), flight);
      if (goesOn(flight, flight::begin) && flight.hasFresh()) {
        scheduler.append(flight.sequence(), flight.handOver());
      }
    } catch (InvalidRequestException e) {
      flight
          .future()
          .complete(
              GenerationResult.failed(e.code(), e.getMessage(), flight.sequence().promptLength()));
    }
  }

  /** Clears away a request whose future is complete, and gives its permit to another. */
  private void settle(InFlight flight) {
    end(flight.sequence());
    if (flight.odds() != null) {
      flight.odds().asked().forEach(node -> end(node.sequence));
    }
    open.remove(flight);
    permits.release();
  }

  /** A step whose forward pass has been started; users [R] want its logits rows. */
  private static final class Launched {
    final Step step;
    final LogitsUser[] users;
    SampledTokens tokens;

    Launched(Step step, LogitsUser[] users) {
      this.step = step;
      this.users = users;
    }
  }

  /**
   * Starts the next step's forward pass, and takes the tokens of older ones, which the device has
   * had time to compute; of this one too, where steps are computed as they are called. Rows are
   * sampled after that: what a request has generated may decide how, and the device computes while
   * the host finds it out.
   */
  private void step() {
    long startNanos = System.nanoTime();
    int stepsAhead = session.transformer().stepsAhead();
    ScheduledBatch batch = scheduler.schedule(Math.max(1, stepsAhead));
    launched = batch.isEmpty() ? null : launch(batch);
    // Within the step: what stands in for the older one's tokens is known when this one is
    // recorded.
    int left = launched == null ? 0 : Math.max(0, stepsAhead - 1);
    while (underWay.size() > left) {
      take(underWay.remove());
    }
    if (launched != null) {
      sample(launched);
      underWay.add(launched);
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
    int rows = batch.logitsCount();
    LogitsUser[] wanted = new LogitsUser[rows];
    for (int r = 0; r < rows; r++) {
      Sequence sequence = batch.sequence(batch.logitsSequences()[r]);
      wanted[r] = users.get(sequence);
      if (!sequence.isPending()) {
        wanted[r].prepareSampling(session.turns().workers());
      }
    }
    session.transformer().forward(step);
    return new Launched(step, wanted);
  }

  /** Has the tokens of a step chosen, by all that has been generated before. */
  private void sample(Launched step) {
    SampleRow[] rows = new SampleRow[step.users.length];
    for (LogitsUser user : step.users) {
      if (isWanted(step, user)) {
        user.prepareSampling(session.turns().workers());
      }
    }
    long startNanos = System.nanoTime();
    for (int r = 0; r < rows.length; r++) {
      LogitsUser user = step.users[r];
      rows[r] = isWanted(step, user) ? user.sampling() : SampleRow.UNWANTED;
    }
    counters.maskWait(System.nanoTime() - startNanos);
    step.tokens = session.transformer().sample(step.step, rows);
  }

  /** Whether what a step chooses is looked at; a request may have ended after its step began. */
  private static boolean isWanted(Launched step, LogitsUser user) {
    return !(user instanceof InFlight flight)
        || (!flight.sequence().isFinished() && flight.awaits(step));
  }

  /** Puts stand-ins for the tokens that a step is choosing, so that the next one can be started. */
  private void runAhead(Launched step) {
    for (int r = 0; r < step.users.length; r++) {
      if (step.users[r] instanceof InFlight flight
          && isWanted(step, flight)
          && flight.wantsTwoMore()) {
        scheduler.appendPending(flight.sequence(), -1 - r);
      }
    }
  }

  /** Waits for a step's tokens and gives each to its request. */
  private void take(Launched step) {
    int rows = step.users.length;
    reserve(rows);
    step.tokens.await(sampledTokens, sampledDetails);
    for (int r = 0; r < rows; r++) {
      if (step.users[r] instanceof InFlight flight) {
        if (isWanted(step, flight)) {
          accept(flight, sampledTokens[r], sampledDetails[r]);
        }
      } else if (users.remove(((OddsNode) step.users[r]).sequence) instanceof OddsNode node) {
        learn(node, sampledDetails[r]);
      }
    }
  }

  private void reserve(int rows) {
    if (sampledTokens.length < rows) {
      sampledTokens = new int[rows];
      sampledDetails = new TokenDetails[rows];
    }
  }

  private void accept(InFlight flight, int token, TokenDetails details) {
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
    if (!flight.hasSampled()) {
      counters.prompt(flight.sequence().promptLength() - flight.sequence().cachedTokens());
    }
    int before = flight.outputTokens();
    if (!goesOn(flight, () -> flight.accept(token, details))) {
      return;
    }
    int fresh = flight.outputTokens() - before;
    if (flight.sequence().isPending()) {
      scheduler.resolve(flight.sequence(), token);
      flight.handedOver(1);
      if (fresh > 1) {
        // What the next step chooses after the token alone is not what follows it.
        flight.ignore(launched);
      }
    }
    if (flight.hasFresh()) {
      withFresh.add(flight);
    }
  }

  /** Has a request take tokens; ends it after its last one. Returns whether it goes on. */
  private boolean goesOn(InFlight flight, Supplier<FinishReason> taking) {
    int before = flight.outputTokens();
    FinishReason reason;
    try {
      reason = taking.get();
    } catch (ConstraintException e) {
      finish(flight, FinishReason.ERROR, RequestError.of(e));
      return false;
    } catch (VirtualMachineError e) {
      throw e; // memory or stack: all requests share it
    } catch (RuntimeException | Error e) {
      // A caller's listener must not take the engine down with it.
      end(flight.sequence());
      flight.future().completeExceptionally(e);
      return false;
    }
    counters.generated(flight.outputTokens() - before);
    if (reason != null) {
      finish(flight, reason, null);
    }
    return reason == null;
  }

  /** Appends what requests have taken; between steps. */
  private void handOver() {
    for (InFlight flight : withFresh) {
      if (!flight.sequence().isFinished()) {
        scheduler.append(flight.sequence(), flight.handOver());
      }
    }
    withFresh.clear();
  }

  private void finish(InFlight flight, FinishReason reason, RequestError error) {
    end(flight.sequence());
    if (reason == FinishReason.STOP && flight.odds() != null) {
      explore(flight);
    } else {
      flight.future().complete(flight.result(reason, error));
    }
  }

  /** Has the logits computed on which the probabilities of the answer's values depend. */
  private void explore(InFlight flight) {
    boolean isKnown = true;
    for (OddsNode node : flight.odds().next(flight)) {
      Sequence sequence = node.begin();
      try {
        scheduler.branch(sequence, flight.sequence());
        users.put(sequence, node);
        isKnown = false;
      } catch (InvalidRequestException e) {
        // Ways that do not fit the context are left out, as those beyond the cut-off are.
        flight.odds().leaveOut();
      }
    }
    if (isKnown) {
      flight.future().complete(flight.result(FinishReason.STOP, null));
    }
  }

  private void learn(OddsNode node, TokenDetails details) {
    if (node.flight.odds().isKnown(node, details == null ? null : details.weights())) {
      explore(node.flight);
    }
  }

  private void end(Sequence sequence) {
    if (users.remove(sequence) != null) {
      scheduler.finish(sequence);
    }
  }
}
