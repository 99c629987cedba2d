package io.github.gptoss.spark.internal.budget;

import io.github.gptoss.engine.GenerationRequest;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.Usage;
import io.github.gptoss.spark.internal.budget.BudgetAccounts.Claim;
import io.github.gptoss.spark.internal.budget.BudgetAccounts.Grant;
import io.github.gptoss.spark.internal.engine.CompletionEngine;
import java.nio.IntBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Lets an executor's generations begin, as far as an account's budget goes. Those that may not
 * begin yet wait here, in their order; when the budget is spent, they are refused. What has begun
 * ends, and so does the row that it belongs to.
 *
 * <p>A generation is held to cost its prompt and as many tokens as those before it had on average,
 * or {@code max_tokens} before the first one has ended. The engine is given few more generations
 * than it computes at a time: one that waits in the engine could not be refused.
 *
 * <p>Claims are made on a thread of the gate alone, which is also the one that hands generations to
 * the engine. Thread-safe.
 */
final class BudgetGate {
  private static final long PERIOD_MILLIS = 1000;

  /** How soon an executor asks again for what others hold. */
  private static final long WAIT_MILLIS = 50;

  private final String account;
  private final Budget budget;
  private final int places;
  private final Function<Claim, Grant> driver;
  private final ScheduledExecutorService thread;
  private final String holder = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());

  private final ArrayDeque<Asked> waiting = new ArrayDeque<>();

  /** Those of rows that have begun, which go first and are never refused. */
  private final ArrayDeque<Asked> waitingBegun = new ArrayDeque<>();

  private int inEngine;
  private long spent;
  private long held;
  private long granted;

  private long ended;
  private long endedTokens;

  /** Whether the driver has answered yet, which also says how much of the time is over. */
  private boolean isOpen;

  private long endNanos;

  /** What rows are refused with; null while the budget lasts. */
  private GenerationResult refusal;

  private int tasks;
  private boolean ticks;

  /** Whether the queues are going to be looked at as soon as the thread can. */
  private boolean pumps;

  /** The same, in a while. */
  private boolean retries;

  /** A generation that is asked for. */
  private static final class Asked {
    private final GenerationRequest request;
    private final CompletionEngine engine;
    private final BudgetedRow row;
    private final CompletableFuture<GenerationResult> result = new CompletableFuture<>();
    private long cost;
    private CompletableFuture<GenerationResult> generation;

    Asked(GenerationRequest request, CompletionEngine engine, BudgetedRow row) {
      this.request = request;
      this.engine = engine;
      this.row = row;
    }

    /** The engine has it; cancelled there where it was cancelled here meanwhile. */
    private synchronized void began(CompletableFuture<GenerationResult> there) {
      generation = there;
      if (result.isCancelled()) {
        there.cancel(true);
      }
    }

    private synchronized void cancel() {
      if (generation != null) {
        generation.cancel(true);
      }
    }
  }

  /**
   * @param places generations that the engine is given at a time, at most
   * @param driver answers claims
   * @param thread of one thread
   */
  BudgetGate(
      String account,
      Budget budget,
      int places,
      Function<Claim, Grant> driver,
      ScheduledExecutorService thread) {
    this.account = account;
    this.budget = budget;
    this.places = places;
    this.driver = driver;
    this.thread = thread;
  }

  /** A task more will ask. */
  synchronized void enter() {
    tasks++;
    if (!ticks) {
      ticks = true;
      thread.schedule(this::tick, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /** A task less. */
  synchronized void leave() {
    tasks--;
    // Others may be waiting for what it held.
    thread.execute(this::report);
  }

  synchronized boolean isIdle() {
    return tasks == 0 && inEngine == 0;
  }

  /**
   * Has a completion generated when the budget allows it; the prompt is copied.
   *
   * @param row to which it belongs; where a generation of it has begun, this one is not refused
   * @return also cancels it; refused generations are results with the error of the budget
   */
  CompletableFuture<GenerationResult> submit(
      GenerationRequest request, CompletionEngine engine, BudgetedRow row) {
    Asked asked = new Asked(copied(request), engine, row);
    synchronized (this) {
      boolean isBegun = row.isBegun();
      if (refusal != null && !isBegun) {
        return CompletableFuture.completedFuture(refusal);
      }
      if (isBegun) {
        waitingBegun.add(asked);
      } else {
        waiting.add(asked);
        row.waiting++;
      }
    }
    var unused =
        asked.result.whenComplete(
            (result, failure) -> {
              if (asked.result.isCancelled()) {
                drop(asked);
                asked.cancel();
              }
            });
    pumpSoon();
    return asked.result;
  }

  private static GenerationRequest copied(GenerationRequest request) {
    IntBuffer prompt = request.prompt();
    int[] ids = new int[prompt.remaining()];
    prompt.get(ids);
    return new GenerationRequest(
        IntBuffer.wrap(ids),
        request.isHarmony(),
        request.maxTokens(),
        request.maxReasoningTokens(),
        request.sampling(),
        request.stop(),
        request.ignoreEos(),
        request.loopDetectionTokens(),
        request.turn(),
        request.lora(),
        request.listener());
  }

  private synchronized void drop(Asked asked) {
    if (waiting.remove(asked)) {
      asked.row.waiting--;
    }
    waitingBegun.remove(asked);
  }

  private synchronized void pumpSoon() {
    if (!pumps) {
      pumps = true;
      thread.execute(this::pump);
    }
  }

  private synchronized void retry() {
    if (!retries) {
      retries = true;
      thread.schedule(this::pump, WAIT_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /** Begins what may begin; on the gate's thread. */
  private void pump() {
    synchronized (this) {
      pumps = false;
      retries = false;
    }
    try {
      while (beginSome()) {
        // More was granted.
      }
    } catch (RuntimeException | Error e) {
      taken(waiting).forEach(asked -> asked.result.completeExceptionally(e));
      taken(waitingBegun).forEach(asked -> asked.result.completeExceptionally(e));
    }
  }

  /** Begins what was granted and claims what waits; whether anything of that was granted. */
  private boolean beginSome() {
    List<Asked> begun;
    Claim claim;
    synchronized (this) {
      if (isOpen && budget.limitsTime() && System.nanoTime() - endNanos >= 0) {
        refuse("time_budget is over");
      }
      begun = begun();
      boolean isFull = waiting.isEmpty() || inEngine >= places || refusal != null;
      claim = isFull ? null : claim(wanted());
    }
    refuseWaiting();
    begun.forEach(this::hand);
    if (claim == null) {
      return false;
    }
    Grant grant = driver.apply(claim);
    learn(grant);
    if (grant.tokens() > 0 || isSpent()) {
      return true;
    }
    retry();
    return false;
  }

  private synchronized boolean isSpent() {
    return refusal != null;
  }

  /** Takes from the queues what may begin. */
  private List<Asked> begun() {
    List<Asked> begun = new ArrayList<>();
    boolean isAnyCost = isOpen && !budget.limitsTokens();
    while (inEngine < places) {
      Asked next = waitingBegun.poll();
      if (next == null && refusal == null && !waiting.isEmpty()) {
        next = isAnyCost || cost(waiting.peek()) <= granted ? waiting.poll() : null;
        if (next != null) {
          next.row.waiting--;
          next.row.begin();
          promote(next.row);
        }
      }
      if (next == null) {
        break;
      }
      next.cost = cost(next);
      granted = Math.max(0, granted - next.cost);
      held += next.cost;
      inEngine++;
      begun.add(next);
    }
    return begun;
  }

  /** What waits of a row that has begun goes first, and is not refused. */
  private void promote(BudgetedRow row) {
    if (row.waiting > 0) {
      List.copyOf(waiting).stream().filter(asked -> asked.row == row).forEach(this::hasBegun);
    }
  }

  private void hasBegun(Asked asked) {
    drop(asked);
    waitingBegun.add(asked);
  }

  private long wanted() {
    long wanted = 0;
    int free = places - inEngine;
    for (Asked asked : waiting) {
      if (free-- == 0) {
        break;
      }
      wanted += cost(asked);
    }
    return wanted;
  }

  private Claim claim(long wanted) {
    long least = wanted == 0 ? 0 : cost(waiting.peek());
    return new Claim(account, holder, budget.tokens(), spent, held, least, wanted);
  }

  private long cost(Asked asked) {
    int prompt = asked.request.prompt().remaining();
    long room = Math.max(1, asked.engine.info().maxModelLen() - prompt);
    long most = Math.min(asked.request.maxTokens(), room);
    long usual = ended == 0 ? most : (endedTokens + ended - 1) / ended;
    return prompt + Math.min(most, usual);
  }

  private synchronized void learn(Grant grant) {
    granted = grant.tokens();
    if (!isOpen && budget.limitsTime()) {
      long millis = Math.max(0, budget.millis() - grant.elapsedMillis());
      endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
      thread.schedule(this::pump, millis, TimeUnit.MILLISECONDS);
    }
    isOpen = true;
    if (grant.spent() >= budget.tokens()) {
      refuse(
          String.format(
              Locale.ROOT,
              "token_budget of %,d tokens is spent (%,d)",
              budget.tokens(),
              grant.spent()));
    }
  }

  private synchronized void refuse(String reason) {
    if (refusal == null) {
      refusal =
          GenerationResult.failed(
              Budget.EXCEEDED,
              reason
                  + " and the row had not begun: ask for these rows in another query, or start the"
                  + " same job again, which goes on with the rows that are left (with"
                  + " --retry-errors where its --output-mode is not resume); a larger budget"
                  + " completes more of them at a time",
              0);
      List.copyOf(waiting).stream().filter(asked -> asked.row.isBegun()).forEach(this::hasBegun);
    }
  }

  private void refuseWaiting() {
    if (isSpent()) {
      taken(waiting).forEach(asked -> asked.result.complete(refusal));
    }
  }

  private synchronized List<Asked> taken(ArrayDeque<Asked> queue) {
    List<Asked> all = List.copyOf(queue);
    queue.clear();
    if (queue == waiting) {
      all.forEach(asked -> asked.row.waiting--);
    }
    return all;
  }

  private void hand(Asked asked) {
    CompletableFuture<GenerationResult> generation;
    try {
      generation = asked.engine.submit(asked.request);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      end(asked, Usage.NONE);
      asked.result.completeExceptionally(e);
      return;
    } catch (RuntimeException | Error e) {
      end(asked, Usage.NONE);
      asked.result.completeExceptionally(e);
      return;
    }
    asked.began(generation);
    var unused =
        generation.whenComplete(
            (result, failure) -> {
              // Of one that was cancelled, the engine does not say what it had taken.
              end(asked, result == null ? Usage.NONE : result.usage());
              if (failure == null) {
                asked.result.complete(result);
              } else {
                asked.result.completeExceptionally(failure);
              }
            });
  }

  private void end(Asked asked, Usage usage) {
    synchronized (this) {
      inEngine--;
      held -= asked.cost;
      spent += usage.totalTokens();
      if (usage.outputTokens() > 0) {
        ended++;
        endedTokens += usage.outputTokens();
      }
    }
    pumpSoon();
  }

  /** Says what was spent, and gives back what is not held. */
  private void report() {
    Claim claim;
    synchronized (this) {
      claim = claim(0);
    }
    try {
      learn(driver.apply(claim));
    } catch (RuntimeException e) {
      // The next claim says the same, and tells who waits for its answer what is wrong.
      return;
    }
    pump();
  }

  private void tick() {
    synchronized (this) {
      ticks = !isIdle();
      if (!ticks) {
        return;
      }
    }
    report();
    thread.schedule(this::tick, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }
}
