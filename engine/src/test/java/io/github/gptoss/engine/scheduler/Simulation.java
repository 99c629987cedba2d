package io.github.gptoss.engine.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Runs a workload through a scheduler and a {@link FakeModel}, as an engine would, and checks after
 * every call all that must always hold.
 */
final class Simulation {
  private static final int END_TOKEN = 0;

  /**
   * What one request came to.
   *
   * @param tokens known tokens at the end
   * @param logits of every row it yielded, by position order
   */
  record Outcome(List<Integer> tokens, List<Long> logits, boolean cancelled, int cachedTokens) {}

  private final SchedulerConfig config;
  private final KvCacheConfig kvConfig;
  private final int vocabulary;
  private final Scheduler scheduler;
  private final KvCache kv;
  private final FakeModel model;

  private final List<Workload.Request> toOffer;
  private final Map<Sequence, Workload.Request> requests = new HashMap<>();
  private final List<Sequence> live = new ArrayList<>();
  private final Map<Sequence, List<Integer>> histories = new HashMap<>();
  private final Map<Sequence, List<Long>> logits = new HashMap<>();
  private final Map<Integer, Outcome> outcomes = new HashMap<>();
  private final List<Integer> admissionOrder = new ArrayList<>();
  private final List<Integer> offerOrder = new ArrayList<>();
  private final int stepsAhead;

  /** Logits rows of the steps whose tokens have not been taken, the oldest first. */
  private final ArrayDeque<List<Yield>> underWay = new ArrayDeque<>();

  private final Set<Yield> ignored = new HashSet<>();
  private final Map<Sequence, List<Integer>> taken = new LinkedHashMap<>();
  private int step;
  private int[] computedAtPosition = new int[1024];

  Simulation(SchedulerConfig config, KvCacheConfig kvConfig, Workload workload, int vocabulary) {
    this(config, kvConfig, workload, vocabulary, 0);
  }

  /**
   * @param stepsAhead how many steps are started before the tokens of an older one are taken; with
   *     1 stand-ins take the place of tokens
   */
  Simulation(
      SchedulerConfig config,
      KvCacheConfig kvConfig,
      Workload workload,
      int vocabulary,
      int stepsAhead) {
    this.stepsAhead = stepsAhead;
    this.config = config;
    this.kvConfig = kvConfig;
    this.vocabulary = vocabulary;
    scheduler = new Scheduler(config, kvConfig);
    kv = scheduler.kv();
    model = new FakeModel(kvConfig, kv);
    toOffer = new ArrayList<>(workload.requests());
  }

  /** Runs everything to its end; returns the outcome of each request by its id. */
  Map<Integer, Outcome> run() {
    long stepLimit = 1000 + 20L * toOffer.stream().mapToInt(Workload.Request::maxLength).sum();
    while (!toOffer.isEmpty() || scheduler.hasWork()) {
      offerDue();
      cancelDue(false);
      Sequence oldest = live.isEmpty() ? null : live.get(0);
      Set<Sequence> runningBefore = running();
      boolean oldestAwaits = oldest != null && oldest.awaitsToken;
      ScheduledBatch batch = scheduler.schedule(Math.max(1, stepsAhead));
      checkStep(batch);
      checkFairness(batch, oldestAwaits ? null : oldest, runningBefore);
      checkBlocks();
      List<Yield> before = underWay.isEmpty() ? List.of() : underWay.getLast();
      long[] stepLogits =
          model.forward(
              batch, histories::get, id -> id < 0 ? before.get(-1 - id).sampled(vocabulary) : id);
      cancelDue(true);
      if (!batch.isEmpty()) {
        underWay.add(yields(batch, stepLogits));
      }
      while (underWay.size() > Math.max(1, stepsAhead)
          || (batch.isEmpty() && !underWay.isEmpty())) {
        takeOldest();
      }
      scheduler.advance();
      checkWindowsReleased();
      appendTaken();
      if (stepsAhead == 0 && !underWay.isEmpty()) {
        takeOldest();
        appendTaken();
      } else if (stepsAhead == 1 && !underWay.isEmpty()) {
        runAhead(underWay.getLast());
      }
      endScoring();
      checkBlocks();
      step++;
      assertThat((long) step).as("steps").isLessThan(stepLimit);
    }
    checkEnd();
    return outcomes;
  }

  SchedulerStats stats() {
    return scheduler.stats();
  }

  int steps() {
    return step;
  }

  List<Integer> admissionOrder() {
    return admissionOrder;
  }

  List<Integer> offerOrder() {
    return offerOrder;
  }

  /** How many token rows all steps together computed at a position. */
  int computedAt(int position) {
    return computedAtPosition[position];
  }

  private void offerDue() {
    List<Workload.Request> due = new ArrayList<>();
    for (Workload.Request request : toOffer) {
      if (request.offerStep() <= step) {
        due.add(request);
      }
    }
    for (Workload.Request request : due) {
      int waitingBefore = scheduler.stats().waiting();
      Sequence sequence = request.toSequence();
      boolean taken = scheduler.offer(sequence);
      assertThat(taken).isEqualTo(waitingBefore < config.maxWaiting());
      if (!taken) {
        return;
      }
      toOffer.remove(request);
      offerOrder.add(request.id());
      requests.put(sequence, request);
      live.add(sequence);
      histories.put(sequence, new ArrayList<>(request.prompt()));
      logits.put(sequence, new ArrayList<>());
    }
  }

  private void cancelDue(boolean inFlight) {
    for (Sequence sequence : List.copyOf(live)) {
      Workload.Request request = requests.get(sequence);
      if (request.cancelStep() >= 0
          && request.cancelStep() <= step
          && request.cancelInFlight() == inFlight) {
        scheduler.finish(sequence);
        end(sequence, true);
      }
    }
  }

  /** A logits row of one step; it decides what is sampled and what the engine makes of that. */
  private record Yield(Sequence sequence, long logit) {
    int sampled(int vocabulary) {
      return (int) Long.remainderUnsigned(logit >>> 7, vocabulary);
    }

    boolean ends() {
      return Long.remainderUnsigned(logit >>> 11, 64) == END_TOKEN;
    }

    /** Tokens that are forced after the sampled one, every now and then. */
    int forced() {
      return (logit & 7) == 0 ? (int) Long.remainderUnsigned(logit >>> 3, 6) : 0;
    }

    /** Whether the engine would not start the next step before it knows the token. */
    boolean mustBeKnown() {
      return Long.remainderUnsigned(logit >>> 17, 4) == 0;
    }
  }

  private List<Yield> yields(ScheduledBatch batch, long[] stepLogits) {
    List<Yield> yields = new ArrayList<>();
    for (int i = 0; i < stepLogits.length; i++) {
      Yield yield = new Yield(batch.sequence(batch.logitsSequences()[i]), stepLogits[i]);
      yields.add(yield);
      if (yield.sequence.isScoring()) {
        logits.get(yield.sequence).add(yield.logit);
      }
    }
    return yields;
  }

  private void takeOldest() {
    underWay.remove().forEach(this::take);
  }

  /** Scoring sequences end with the step that computes their last token. */
  private void endScoring() {
    for (Sequence sequence : List.copyOf(live)) {
      if (sequence.isScoring() && sequence.isFinished()) {
        end(sequence, false);
      }
    }
  }

  /** Gives a sampled token to its sequence, maybe within the next step. */
  private void take(Yield yield) {
    Sequence sequence = yield.sequence;
    if (ignored.remove(yield) || !live.contains(sequence) || sequence.isScoring()) {
      return;
    }
    logits.get(sequence).add(yield.logit);
    List<Integer> history = histories.get(sequence);
    int sampled = yield.sampled(vocabulary);
    List<Integer> more = new ArrayList<>();
    if (sequence.isPending()) {
      scheduler.resolve(sequence, sampled);
    } else {
      more.add(sampled);
    }
    int room = sequence.maxLength() - history.size() - more.size();
    for (int i = 0; i < Math.min(yield.forced(), room); i++) {
      more.add((sampled + i + 1) % vocabulary);
    }
    boolean ends = yield.ends() || history.size() + more.size() == sequence.maxLength();
    if (ends) {
      history.addAll(more);
      scheduler.finish(sequence);
      end(sequence, false);
      return;
    }
    taken.put(sequence, more);
    if (!more.isEmpty() && !underWay.isEmpty()) {
      underWay.getLast().stream().filter(next -> next.sequence == sequence).forEach(ignored::add);
    }
  }

  private void appendTaken() {
    taken.forEach(
        (sequence, tokens) -> {
          if (!tokens.isEmpty() && live.contains(sequence)) {
            int[] appended = tokens.stream().mapToInt(Integer::intValue).toArray();
            scheduler.append(sequence, appended);
            histories.get(sequence).addAll(tokens);
          }
        });
    taken.clear();
  }

  private void runAhead(List<Yield> yields) {
    for (int i = 0; i < yields.size(); i++) {
      Yield yield = yields.get(i);
      Sequence sequence = yield.sequence;
      if (!sequence.isScoring()
          && live.contains(sequence)
          && !ignored.contains(yield)
          && !yield.mustBeKnown()
          && sequence.length() + 1 < sequence.maxLength()) {
        scheduler.appendPending(sequence, -1 - i);
        histories.get(sequence).add(yield.sampled(vocabulary));
      }
    }
  }

  private void end(Sequence sequence, boolean cancelled) {
    live.remove(sequence);
    assertThat(sequence.isFinished()).isTrue();
    outcomes.put(
        requests.get(sequence).id(),
        new Outcome(
            histories.get(sequence), logits.get(sequence), cancelled, sequence.cachedTokens()));
  }

  private void checkStep(ScheduledBatch batch) {
    assertThat(batch.tokenCount()).isLessThanOrEqualTo(config.maxStepTokens());
    if (stepsAhead == 0) {
      assertThat(batch.isEmpty()).isEqualTo(live.isEmpty());
    }
    assertThat(scheduler.stats().running()).isLessThanOrEqualTo(config.maxRunning());
    assertThat(batch.starts()[batch.sequenceCount()]).isEqualTo(batch.tokenCount());
    Set<Sequence> seen = new HashSet<>();
    int expectedLogits = 0;
    for (int s = 0; s < batch.sequenceCount(); s++) {
      Sequence sequence = batch.sequence(s);
      assertThat(seen.add(sequence)).isTrue();
      assertThat(live).contains(sequence);
      if (!admissionOrder.contains((int) sequence.id())) {
        admissionOrder.add((int) sequence.id());
      }
      int count = batch.starts()[s + 1] - batch.starts()[s];
      assertThat(count).isBetween(1, config.maxChunkTokens());
      int first = batch.positions()[batch.starts()[s]];
      for (int i = 0; i < count; i++) {
        int row = batch.starts()[s] + i;
        assertThat(batch.tokenSequences()[row]).isEqualTo(s);
        assertThat(batch.positions()[row]).isEqualTo(first + i);
        computedAtPosition[Math.min(first + i, computedAtPosition.length - 1)]++;
      }
      int end = first + count;
      Workload.Request request = requests.get(sequence);
      if (request.isScoring()) {
        int owed = request.logitsFrom() + logits.get(sequence).size();
        assertThat(first).as("scored rows are computed in order").isLessThanOrEqualTo(owed);
        expectedLogits += Math.max(0, end - owed);
      } else if (end == histories.get(sequence).size()) {
        expectedLogits++;
      }
    }
    assertThat(batch.logitsCount()).isEqualTo(expectedLogits);
  }

  private void checkFairness(ScheduledBatch batch, Sequence oldest, Set<Sequence> runningBefore) {
    if (oldest == null) {
      return;
    }
    Set<Sequence> scheduled = new HashSet<>();
    for (int s = 0; s < batch.sequenceCount(); s++) {
      scheduled.add(batch.sequence(s));
    }
    if (runningBefore.contains(oldest)) {
      assertThat(scheduled).as("the oldest sequence always advances").contains(oldest);
    }
    if (!scheduled.contains(oldest)) {
      assertThat(runningBefore).as("nobody overtakes the oldest").containsAll(scheduled);
    }
  }

  private Set<Sequence> running() {
    Set<Sequence> running = new HashSet<>();
    for (Sequence sequence : live) {
      if (sequence.state == Sequence.State.RUNNING) {
        running.add(sequence);
      }
    }
    return running;
  }

  private void checkBlocks() {
    int[] fullUsers = new int[kvConfig.fullBlocks()];
    int[] windowUsers = new int[kvConfig.windowBlocks()];
    for (Sequence sequence : live) {
      SequenceBlocks blocks = sequence.blocks;
      for (int i = 0; i < blocks.fullCount; i++) {
        fullUsers[blocks.full[i]]++;
      }
      int alive = 0;
      for (int block : blocks.ring) {
        if (block >= 0) {
          windowUsers[block]++;
          alive++;
        }
      }
      assertThat(alive).isEqualTo(blocks.windowEnd - blocks.windowStart);
      assertThat(alive).isLessThanOrEqualTo(kvConfig.ringBlocks(config.maxChunkTokens()));
    }
    checkPool(kv.full(), fullUsers, scheduler.stats().full());
    checkPool(kv.window(), windowUsers, scheduler.stats().window());
  }

  private static void checkPool(BlockPool pool, int[] users, SchedulerStats.Blocks stats) {
    int free = 0;
    int cached = 0;
    int used = 0;
    for (int b = 0; b < users.length; b++) {
      assertThat(pool.references(b)).isEqualTo(users[b]);
      if (users[b] > 0) {
        used++;
      } else if (pool.node(b) != null) {
        cached++;
      } else {
        free++;
      }
    }
    assertThat(stats).isEqualTo(new SchedulerStats.Blocks(free, cached, used));
  }

  private void checkWindowsReleased() {
    for (Sequence sequence : live) {
      SequenceBlocks blocks = sequence.blocks;
      int firstVisible = Math.max(0, sequence.computed - kvConfig.windowTokens() + 1);
      if (kvConfig.windowTokens() > 0 && sequence.state == Sequence.State.RUNNING) {
        assertThat(blocks.windowStart).isEqualTo(firstVisible / kvConfig.blockTokens());
      }
    }
  }

  private void checkEnd() {
    assertThat(scheduler.stats().full().used()).isZero();
    assertThat(scheduler.stats().window().used()).isZero();
    assertThat(scheduler.stats().running() + scheduler.stats().waiting()).isZero();
    Set<PrefixNode> needed = new HashSet<>();
    addNodes(kv.full(), PrefixNode.FULL, needed);
    addNodes(kv.window(), PrefixNode.WINDOW, needed);
    assertThat(kv.index().size()).as("prefix nodes left").isEqualTo(needed.size());
    assertThat(needed).allMatch(node -> node.producer == null);
  }

  private static void addNodes(BlockPool pool, int group, Set<PrefixNode> needed) {
    for (int b = 0; b < pool.size(); b++) {
      PrefixNode node = pool.node(b);
      if (node != null) {
        assertThat(node.blocks[group]).isEqualTo(b);
      }
      while (node != null && needed.add(node)) {
        node = node.parent;
      }
    }
  }
}
