package io.github.gptoss.engine.scheduler;

import io.github.gptoss.engine.scheduler.Sequence.State;

/**
 * Continuous batching: chooses the tokens of every step and gives them KV blocks.
 *
 * <pre>{@code
 * while (scheduler.hasWork()) {
 *   ScheduledBatch batch = scheduler.schedule();
 *   ... forward pass over the batch; one logits row per batch.logitsRows() ...
 *   scheduler.advance();
 *   ... for each logits row of a generating sequence: append(its next tokens) or finish(it) ...
 * }
 * }</pre>
 *
 * <p>Order. Sequences are served in the order in which they were offered. A step first gives
 * decoding sequences what they need, then what is left of the budget to prompts, in chunks, then
 * admits waiting sequences. A waiting sequence whose prefix an older running one is just computing
 * is passed over until it can share that prefix.
 *
 * <p>Memory. A sequence is admitted when all its known tokens fit beside those of the running ones,
 * with one block to grow for each of them. When a running sequence cannot get even one block, the
 * youngest running one is preempted: it loses its blocks, waits at its old place and is recomputed.
 * The oldest sequence is never passed over nor preempted, so everyone finishes.
 *
 * <p>Not thread-safe: one thread owns a scheduler and its sequences.
 */
public final class Scheduler {
  private final SchedulerConfig config;
  private final KvCache kv;
  private final ScheduledBatch batch;
  private final SequenceQueue running = new SequenceQueue();
  private final SequenceQueue waiting = new SequenceQueue();
  private boolean inStep;
  private long arrivals;
  private long computedTokens;
  private long prefixHitTokens;
  private long preemptions;

  /** What the current step may still compute. */
  private int budgetTokens;

  /** The part of the budget that decoding sequences further down the line need. */
  private long decodeTokens;

  /** Fails if the window group cannot hold one sequence's ring. */
  public Scheduler(SchedulerConfig config, KvCacheConfig kvConfig) {
    this.config = config;
    kv = new KvCache(kvConfig, config.maxChunkTokens(), config.prefixSharing());
    batch = new ScheduledBatch(kvConfig.blockTokens(), kv.ringBlocks());
  }

  /**
   * Queues a new sequence; false if the queue is full: offer it again after a later step. Throws
   * {@code context_length_exceeded} if it may grow beyond {@link KvCacheConfig#maxSequenceTokens}.
   */
  public boolean offer(Sequence sequence) {
    requireNewThatFits(sequence);
    if (waiting.size() >= config.maxWaiting()) {
      return false;
    }
    sequence.arrival = arrivals++;
    sequence.state = State.WAITING;
    waiting.add(sequence);
    return true;
  }

  /**
   * Queues a new sequence in the place of one that has ended, however long the queue is: what both
   * begin with is cached still. Throws as {@link #offer}.
   */
  public void branch(Sequence sequence, Sequence ended) {
    requireNewThatFits(sequence);
    sequence.arrival = ended.arrival;
    sequence.branch = ++ended.branches;
    sequence.state = State.WAITING;
    waiting.add(sequence);
  }

  private void requireNewThatFits(Sequence sequence) {
    if (sequence.state != State.NEW) {
      throw new IllegalStateException("sequence " + sequence.id() + " was offered before");
    }
    if (sequence.maxLength() > kv.config().maxSequenceTokens()) {
      throw SchedulerErrors.neverFits(sequence, kv.config().maxSequenceTokens());
    }
  }

  public boolean hasWork() {
    return running.size() + waiting.size() > 0;
  }

  /**
   * Chooses the next step, valid until the next call. A generating sequence that yielded logits and
   * had nothing appended since is passed over: it awaits its token. The step is empty if there is
   * no work or all of it awaits tokens.
   */
  public ScheduledBatch schedule() {
    return schedule(1);
  }

  /** As {@link #schedule()}, the running sequences being divided into so many steps under way. */
  public ScheduledBatch schedule(int groups) {
    requireBetweenSteps("schedule");
    batch.clear();
    scheduleRunning((running.size() + groups - 1) / groups);
    boolean awaiting = admitWaiting();
    if (batch.isEmpty() && hasWork() && !awaiting) {
      throw new IllegalStateException(
          "nothing to schedule with %s running, %s waiting"
              .formatted(running.size(), waiting.size()));
    }
    inStep = true;
    return batch;
  }

  /** Records that the step has been computed; a scoring sequence whose last token it was ends. */
  public void advance() {
    if (!inStep) {
      throw new IllegalStateException("advance without a scheduled step");
    }
    inStep = false;
    computedTokens += batch.tokenCount();
    for (int s = 0; s < batch.sequenceCount(); s++) {
      Sequence sequence = batch.sequence(s);
      if (sequence.state == State.FINISHED) {
        continue;
      }
      int count = batch.starts()[s + 1] - batch.starts()[s];
      if (sequence.computed + count > sequence.knownLength()) {
        throw new IllegalStateException(
            "sequence " + sequence.id() + " was computed, but its last token is still pending");
      }
      kv.commit(sequence, count);
      sequence.onComputed(count);
      if (sequence.isScoring() && sequence.remaining() == 0) {
        finish(sequence);
      }
    }
  }

  /** Appends known tokens, sampled or forced, between steps; the next logits follow the last. */
  public void append(Sequence sequence, int... tokens) {
    requireBetweenSteps("append");
    requireAppendable(sequence);
    sequence.append(tokens);
  }

  private static void requireAppendable(Sequence sequence) {
    if (sequence.isScoring()
        || (sequence.state != State.RUNNING && sequence.state != State.WAITING)) {
      throw new IllegalStateException("sequence " + sequence.id() + " takes no tokens");
    }
  }

  /**
   * Appends a stand-in, below 0, for the token that is being sampled for this sequence, so that the
   * next step can be scheduled before it is known. {@link #resolve} has to follow before the step
   * with the stand-in is recorded by {@link #advance}.
   */
  public void appendPending(Sequence sequence, int standIn) {
    if (standIn >= 0 || sequence.isPending()) {
      throw new IllegalStateException(
          "sequence " + sequence.id() + " cannot take stand-in " + standIn);
    }
    requireBetweenSteps("append");
    requireAppendable(sequence);
    sequence.appendPending(standIn);
  }

  /** Replaces the stand-in at a sequence's end by its token, at any time. */
  public void resolve(Sequence sequence, int token) {
    if (!sequence.isPending()) {
      throw new IllegalStateException("sequence " + sequence.id() + " has no token pending");
    }
    sequence.resolve(token);
  }

  /**
   * Ends a sequence at any time, be it complete, failed or cancelled, and frees its blocks. Within
   * a step, the blocks keep their content until {@link #advance}. Ending it again does nothing.
   */
  public void finish(Sequence sequence) {
    if (sequence.state == State.RUNNING) {
      running.remove(sequence);
      kv.release(sequence);
    } else if (sequence.state == State.WAITING) {
      waiting.remove(sequence);
    }
    sequence.state = State.FINISHED;
  }

  public SchedulerStats stats() {
    return new SchedulerStats(
        running.size(),
        waiting.size(),
        SchedulerStats.Blocks.of(kv.full()),
        SchedulerStats.Blocks.of(kv.window()),
        computedTokens,
        prefixHitTokens,
        preemptions);
  }

  KvCache kv() {
    return kv;
  }

  private void scheduleRunning(int mostSequences) {
    budgetTokens = config.maxStepTokens();
    decodeTokens = 0;
    for (int i = 0; i < running.size(); i++) {
      decodeTokens += decodeNeed(running.get(i));
    }
    // From old to young, so that a sequence that is preempted has not been scheduled yet.
    for (int i = 0; i < running.size() && batch.sequenceCount() < mostSequences; i++) {
      Sequence sequence = running.get(i);
      decodeTokens -= decodeNeed(sequence);
      long share = sequence.decoding ? budgetTokens : budgetTokens - decodeTokens;
      // The oldest always advances, unless it awaits its token: the others may be unable to.
      int tokens = (int) Math.min(chunk(sequence), Math.max(share, i == 0 ? 1 : 0));
      if (tokens > 0) {
        add(sequence, growOrPreempt(sequence, i, tokens));
      }
    }
  }

  private int growOrPreempt(Sequence sequence, int runningIndex, int tokens) {
    while (true) {
      int granted = kv.grow(sequence, tokens, running.size() - 1 - runningIndex);
      if (granted > 0 || running.last() == sequence) {
        return granted;
      }
      preempt(running.last());
    }
  }

  private void preempt(Sequence sequence) {
    decodeTokens -= decodeNeed(sequence);
    running.remove(sequence);
    kv.release(sequence);
    sequence.onPreempted();
    waiting.add(sequence);
    preemptions++;
  }

  /** Returns whether any sequence was seen that awaits its token. */
  private boolean admitWaiting() {
    int spokenForFull = 0;
    int spokenForWindow = 0;
    boolean awaiting = false;
    for (int i = 0; i < running.size(); i++) {
      awaiting |= running.get(i).awaitsToken;
      spokenForFull += kv.missingFull(running.get(i));
      spokenForWindow += kv.missingWindow(running.get(i));
    }
    int i = 0;
    while (i < waiting.size() && running.size() < config.maxRunning() && budgetTokens > 0) {
      Sequence sequence = waiting.get(i);
      awaiting |= sequence.awaitsToken; // preempted; recomputing it now would choose a token twice
      if (sequence.awaitsToken || kv.isAwaiting(sequence) || !kv.match(sequence)) {
        i++;
        continue;
      }
      // One more block for each running sequence, so that admission does not lead to preemption.
      if (!kv.fits(sequence, spokenForFull + running.size(), spokenForWindow)) {
        return awaiting;
      }
      admit(sequence);
      spokenForFull += kv.missingFull(sequence);
      spokenForWindow += kv.missingWindow(sequence);
    }
    return awaiting;
  }

  private void admit(Sequence sequence) {
    waiting.remove(sequence);
    int hitTokens = kv.take(sequence);
    sequence.onAdmitted(hitTokens);
    prefixHitTokens += hitTokens;
    int others = running.size();
    running.add(sequence);
    add(sequence, kv.grow(sequence, Math.min(chunk(sequence), budgetTokens), others));
  }

  private void add(Sequence sequence, int tokens) {
    if (tokens > 0) {
      batch.add(sequence, tokens);
      budgetTokens -= tokens;
    }
  }

  private int chunk(Sequence sequence) {
    return Math.min(sequence.remaining(), config.maxChunkTokens());
  }

  private int decodeNeed(Sequence sequence) {
    return sequence.decoding ? chunk(sequence) : 0;
  }

  private void requireBetweenSteps(String call) {
    if (inStep) {
      throw new IllegalStateException(call + " between schedule and advance");
    }
  }
}
