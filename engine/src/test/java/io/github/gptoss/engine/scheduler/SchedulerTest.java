package io.github.gptoss.engine.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidRequestException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SchedulerTest {
  private static final SchedulerConfig ROOMY = new SchedulerConfig(8, 64, 32, 16, true);
  private static final KvCacheConfig KV = new KvCacheConfig(4, 100, 6, 100);

  @Test
  void laysOutPromptThenDecode() {
    Scheduler scheduler = new Scheduler(ROOMY, KV);
    Sequence sequence = generating(7, 10, 9);
    scheduler.offer(sequence);

    ScheduledBatch batch = scheduler.schedule();
    assertThat(valid(batch.tokens(), batch.tokenCount())).isEqualTo(range(10, 9));
    assertThat(valid(batch.positions(), 9)).isEqualTo(range(0, 9));
    assertThat(batch.sequence(0)).isSameAs(sequence);
    assertThat(valid(batch.starts(), 2)).containsExactly(0, 9);
    assertThat(valid(batch.fullStarts(), 2)).containsExactly(0, 3);
    assertThat(valid(batch.logitsRows(), batch.logitsCount())).containsExactly(8);
    assertThat(batch.ringBlocks()).isEqualTo((6 + 32 + 3) / 4 + 1);
    scheduler.advance();

    scheduler.append(sequence, 99);
    assertThat(scheduler.schedule()).isSameAs(batch);
    assertThat(valid(batch.tokens(), batch.tokenCount())).containsExactly(99);
    assertThat(valid(batch.positions(), 1)).containsExactly(9);
    assertThat(valid(batch.logitsRows(), batch.logitsCount())).containsExactly(0);
    // Position 9 looks back to 4, so the block of positions 0 to 3 is gone from the ring.
    assertThat(valid(batch.windowBlocks(), 3)[0]).isEqualTo(-1);
    assertThat(valid(batch.windowBlocks(), 3)[1]).isNotNegative();
    assertThat(valid(batch.windowBlocks(), 3)[2]).isNotNegative();
  }

  @Test
  void computesForcedTokensInOneStepWithOneLogitsRow() {
    Scheduler scheduler = new Scheduler(ROOMY, KV);
    Sequence sequence = generating(0, 10, 3);
    scheduler.offer(sequence);
    step(scheduler);
    scheduler.append(sequence, 50);
    scheduler.append(sequence, 51, 52, 53);

    ScheduledBatch batch = scheduler.schedule();
    assertThat(valid(batch.tokens(), batch.tokenCount())).containsExactly(50, 51, 52, 53);
    assertThat(valid(batch.logitsRows(), batch.logitsCount())).containsExactly(3);
  }

  @Test
  void leavesYoungerDecodesTheirTokensWhenCuttingAnOlderPrompt() {
    Scheduler scheduler = new Scheduler(new SchedulerConfig(4, 8, 6, 8, true), KV);
    Sequence prompt = generating(0, 0, 40);
    Sequence decoding = generating(1, 1000, 2);
    scheduler.offer(prompt);
    scheduler.offer(decoding);
    ScheduledBatch batch = step(scheduler);
    assertThat(valid(batch.starts(), 3)).containsExactly(0, 6, 8);
    scheduler.append(decoding, new int[] {5, 6, 7});
    batch = scheduler.schedule();
    assertThat(batch.sequence(0)).isSameAs(prompt);
    assertThat(valid(batch.starts(), 3)).containsExactly(0, 5, 8);
    assertThat(valid(batch.logitsRows(), batch.logitsCount())).containsExactly(7);
  }

  @Test
  void cutsPromptsIntoChunks() {
    Scheduler scheduler = new Scheduler(new SchedulerConfig(4, 64, 5, 8, true), KV);
    scheduler.offer(generating(0, 0, 12));
    assertThat(step(scheduler).tokenCount()).isEqualTo(5);
    ScheduledBatch second = step(scheduler);
    assertThat(second.tokenCount()).isEqualTo(5);
    assertThat(second.logitsCount()).isZero();
    ScheduledBatch third = step(scheduler);
    assertThat(third.tokenCount()).isEqualTo(2);
    assertThat(third.logitsCount()).isEqualTo(1);
  }

  @Test
  void sharesAPrefixThatWasComputedBefore() {
    Scheduler scheduler = new Scheduler(ROOMY, KV);
    Sequence first = generating(0, 0, 18);
    Sequence second = generating(1, 0, 18);
    scheduler.offer(first);
    step(scheduler);
    scheduler.finish(first);
    scheduler.offer(second);

    ScheduledBatch batch = scheduler.schedule();
    assertThat(second.cachedTokens()).isEqualTo(16);
    assertThat(first.cachedTokens()).isZero();
    assertThat(valid(batch.positions(), batch.tokenCount())).containsExactly(16, 17);
    assertThat(scheduler.stats().prefixHitTokens()).isEqualTo(16);
  }

  @Test
  void alwaysComputesTheLastTokenOfAPrompt() {
    Scheduler scheduler = new Scheduler(ROOMY, KV);
    Sequence first = generating(0, 0, 16);
    Sequence second = generating(1, 0, 16);
    scheduler.offer(first);
    step(scheduler);
    scheduler.finish(first);
    scheduler.offer(second);
    assertThat(scheduler.schedule().tokenCount()).isEqualTo(4);
    assertThat(second.cachedTokens()).isEqualTo(12);
  }

  @Test
  void computesEverythingWithSharingOff() {
    Scheduler scheduler = new Scheduler(new SchedulerConfig(8, 64, 32, 16, false), KV);
    scheduler.offer(generating(0, 0, 18));
    scheduler.offer(generating(1, 0, 18));
    assertThat(scheduler.schedule().tokenCount()).isEqualTo(36);
  }

  @Test
  void passesOverAFollowerUntilItsPrefixIsComputedAndAdmitsOthersMeanwhile() {
    Scheduler scheduler = new Scheduler(new SchedulerConfig(8, 64, 8, 16, true), KV);
    Sequence producer = generating(0, 0, 18);
    Sequence follower = generating(1, 0, 17);
    Sequence other = generating(2, 500, 3);
    scheduler.offer(producer);
    scheduler.offer(follower);
    scheduler.offer(other);

    ScheduledBatch batch = scheduler.schedule();
    assertThat(batch.sequence(0)).isSameAs(producer);
    assertThat(batch.sequence(1)).isSameAs(other);
    scheduler.advance();
    scheduler.finish(other);
    assertThat(step(scheduler).sequenceCount()).isEqualTo(1);
    batch = scheduler.schedule();
    assertThat(batch.sequence(1)).isSameAs(follower);
    assertThat(follower.cachedTokens()).isEqualTo(16);
  }

  @Test
  void admitsAFollowerWhoseProducerIsCancelled() {
    Scheduler scheduler = new Scheduler(new SchedulerConfig(8, 64, 8, 16, true), KV);
    Sequence producer = generating(0, 0, 18);
    Sequence follower = generating(1, 0, 17);
    scheduler.offer(producer);
    scheduler.offer(follower);
    step(scheduler);
    scheduler.finish(producer);
    ScheduledBatch batch = scheduler.schedule();
    assertThat(batch.sequence(0)).isSameAs(follower);
    assertThat(follower.cachedTokens()).isEqualTo(8);
  }

  @Test
  void doesNotWaitForAYoungerSequence() {
    Scheduler scheduler = new Scheduler(new SchedulerConfig(8, 64, 8, 16, true), KV);
    Sequence producer = generating(0, 0, 9);
    Sequence follower = generating(1, 0, 32);
    // Scores from its first token, so it shares nothing, waits for nobody and computes it all.
    Sequence younger = Sequence.scoring(2, range(0, 32), 0);
    scheduler.offer(producer);
    scheduler.offer(follower);
    scheduler.offer(younger);
    assertThat(step(scheduler).sequenceCount()).isEqualTo(2);
    ScheduledBatch batch = scheduler.schedule();
    assertThat(batch.sequenceCount()).isEqualTo(3);
    assertThat(follower.cachedTokens()).isEqualTo(8);
  }

  @Test
  void doesNotWaitForARecomputationOfCachedBlocks() {
    Scheduler scheduler = new Scheduler(new SchedulerConfig(8, 64, 8, 16, true), KV);
    computeAndFinish(scheduler, generating(0, 0, 33));
    Sequence scoring = Sequence.scoring(1, range(0, 33), 0);
    Sequence sharing = generating(2, 0, 33);
    scheduler.offer(scoring);
    scheduler.offer(sharing);
    assertThat(scheduler.schedule().sequenceCount()).isEqualTo(2);
    assertThat(sharing.cachedTokens()).isEqualTo(32);
  }

  @Test
  void sharesAPrefixOfWhichOnlyTheLastWindowIsCached() {
    KvCacheConfig kv = new KvCacheConfig(4, 100, 6, 8);
    Scheduler scheduler = new Scheduler(new SchedulerConfig(8, 64, 8, 16, true), kv);
    computeAndFinish(scheduler, generating(0, 0, 41));
    assertThat(scheduler.stats().window().cached()).isLessThan(10);
    Sequence first = generating(1, 0, 41);
    Sequence second = generating(2, 0, 41);
    scheduler.offer(first);
    scheduler.offer(second);
    assertThat(scheduler.schedule().tokenCount()).isEqualTo(2);
    assertThat(second.cachedTokens()).isEqualTo(40);
  }

  @Test
  void countsCachedBlocksThatItSharesAsMemoryTakenWhenAdmitting() {
    KvCacheConfig kv = new KvCacheConfig(4, 6, 0, 0);
    Scheduler scheduler = new Scheduler(ROOMY, kv);
    computeAndFinish(scheduler, Sequence.generating(0, range(0, 13), 5));
    Sequence running = Sequence.generating(1, range(100, 7), 10);
    Sequence sharing = Sequence.generating(2, range(0, 13), 5);
    scheduler.offer(running);
    scheduler.offer(sharing);
    assertThat(step(scheduler).sequenceCount()).isEqualTo(1);
    scheduler.finish(running);
    assertThat(scheduler.schedule().sequenceCount()).isEqualTo(1);
    assertThat(sharing.cachedTokens()).isEqualTo(12);
  }

  @Test
  void advancesTheOldestAlthoughDecodesWantTheWholeBudget() {
    Scheduler scheduler = new Scheduler(new SchedulerConfig(4, 4, 2, 8, true), KV);
    Sequence prompt = generating(0, 0, 20);
    Sequence first = generating(1, 1000, 1);
    Sequence second = generating(2, 2000, 1);
    scheduler.offer(prompt);
    scheduler.offer(first);
    scheduler.offer(second);
    assertThat(valid(step(scheduler).starts(), 4)).containsExactly(0, 2, 3, 4);
    scheduler.append(first, range(0, 9));
    scheduler.append(second, range(0, 9));
    assertThat(valid(scheduler.schedule().starts(), 4)).containsExactly(0, 1, 3, 4);
  }

  @Test
  void leavesEachRunningSequenceABlockToGrowWhenAdmitting() {
    KvCacheConfig kv = new KvCacheConfig(4, 8, 0, 0);
    Scheduler scheduler = new Scheduler(ROOMY, kv);
    Sequence first = Sequence.generating(0, range(0, 16), 16);
    Sequence second = Sequence.generating(1, range(100, 16), 16);
    scheduler.offer(first);
    scheduler.offer(second);
    assertThat(step(scheduler).sequenceCount()).isEqualTo(1);
    scheduler.finish(first);
    assertThat(scheduler.schedule().sequence(0)).isSameAs(second);
  }

  @Test
  void cutsAChunkShortToLeaveYoungerDecodesTheirBlock() {
    // A chunk of 8 tokens takes 3 blocks, and the decode takes 2 where it crosses into a new one.
    KvCacheConfig kv = new KvCacheConfig(4, 100, 4, 4);
    Scheduler scheduler = new Scheduler(new SchedulerConfig(2, 32, 8, 8, true), kv);
    Sequence prompt = generating(0, 0, 90);
    Sequence decoding = generating(1, 1000, 3);
    scheduler.offer(prompt);
    scheduler.offer(decoding);
    step(scheduler);
    while (prompt.remaining() > 0) {
      scheduler.append(decoding, 1);
      ScheduledBatch batch = step(scheduler);
      assertThat(batch.sequenceCount()).isEqualTo(2);
    }
    assertThat(scheduler.stats().preemptions()).isZero();
  }

  @Test
  void yieldsEachScoredRowOnceAlthoughPreempted() {
    KvCacheConfig kv = new KvCacheConfig(4, 9, 0, 0);
    Scheduler scheduler = new Scheduler(new SchedulerConfig(4, 8, 4, 16, false), kv);
    Sequence decoding = Sequence.generating(0, range(0, 4), 30);
    Sequence scoring = Sequence.scoring(1, range(100, 20), 2);
    scheduler.offer(decoding);
    scheduler.offer(scoring);
    int rows = 0;
    int lastPosition = 1;
    while (!scoring.isFinished()) {
      ScheduledBatch batch = scheduler.schedule();
      for (int i = 0; i < batch.logitsCount(); i++) {
        if (batch.sequence(batch.logitsSequences()[i]) == scoring) {
          assertThat(batch.positions()[batch.logitsRows()[i]]).isEqualTo(++lastPosition);
          rows++;
        }
      }
      scheduler.advance();
      if (!decoding.isFinished()) {
        int room = decoding.maxLength() - decoding.length();
        if (room > 0) {
          scheduler.append(decoding, range(0, Math.min(room, 4)));
        } else {
          scheduler.finish(decoding);
        }
      }
    }
    assertThat(scheduler.stats().preemptions()).isPositive();
    assertThat(rows).isEqualTo(18);
  }

  @Test
  void scoresEveryRowFromLogitsFromOnAlthoughCached() {
    Scheduler scheduler = new Scheduler(ROOMY, KV);
    Sequence first = generating(0, 0, 18);
    scheduler.offer(first);
    step(scheduler);
    Sequence scoring = Sequence.scoring(1, range(0, 18), 9);
    scheduler.append(first, 3);
    scheduler.offer(scoring);
    ScheduledBatch batch = scheduler.schedule();
    assertThat(scoring.cachedTokens()).isEqualTo(8);
    assertThat(batch.logitsCount()).isEqualTo(1 + 9);
    assertThat(batch.positions()[batch.logitsRows()[1]]).isEqualTo(9);
    scheduler.advance();
    assertThat(scoring.isFinished()).isTrue();
  }

  @Test
  void preemptsTheYoungestAndResumesItAtItsPlace() {
    KvCacheConfig kv = new KvCacheConfig(4, 8, 0, 0);
    Scheduler scheduler = new Scheduler(new SchedulerConfig(4, 32, 32, 16, false), kv);
    Sequence old = Sequence.generating(0, range(0, 8), 24);
    Sequence young = Sequence.generating(1, range(100, 12), 20);
    Sequence late = Sequence.generating(2, range(200, 20), 4);
    scheduler.offer(old);
    scheduler.offer(young);
    scheduler.offer(late);
    ScheduledBatch batch = step(scheduler);
    assertThat(batch.sequenceCount()).isEqualTo(2);
    scheduler.append(young, 1);
    for (int i = 0; i < 3; i++) {
      scheduler.append(old, range(0, 4));
      if (young.remaining() == 0) {
        scheduler.append(young, 1);
      }
      batch = step(scheduler);
    }
    assertThat(scheduler.stats().preemptions()).isEqualTo(1);
    assertThat(batch.sequenceCount()).isEqualTo(1);
    assertThat(batch.sequence(0)).isSameAs(old);
    scheduler.finish(old);
    batch = scheduler.schedule();
    assertThat(batch.sequence(0)).isSameAs(young);
    assertThat(batch.starts()[1]).isEqualTo(young.length());
    assertThat(late.isFinished()).isFalse();
  }

  @Test
  void refusesASequenceThatCanNeverFit() {
    Scheduler scheduler = new Scheduler(ROOMY, new KvCacheConfig(4, 5, 0, 0));
    assertThat(scheduler.offer(Sequence.generating(0, range(0, 10), 10))).isTrue();
    assertThatThrownBy(() -> scheduler.offer(Sequence.generating(1, range(0, 10), 11)))
        .isInstanceOfSatisfying(
            InvalidRequestException.class,
            e -> assertThat(e.code()).isEqualTo("context_length_exceeded"))
        .hasMessageContaining("21 tokens")
        .hasMessageContaining("holds 20 tokens");
    assertThatThrownBy(
            () -> scheduler.offer(Sequence.generating(1, range(0, 9), Integer.MAX_VALUE)))
        .isInstanceOf(InvalidRequestException.class);
    assertThat(scheduler.stats().waiting()).isEqualTo(1);
  }

  @Test
  void tellsWhenTheQueueIsFull() {
    Scheduler scheduler = new Scheduler(new SchedulerConfig(1, 8, 8, 2, true), KV);
    assertThat(scheduler.offer(generating(0, 0, 3))).isTrue();
    assertThat(scheduler.offer(generating(1, 0, 3))).isTrue();
    Sequence third = generating(2, 0, 3);
    assertThat(scheduler.offer(third)).isFalse();
    step(scheduler);
    assertThat(scheduler.offer(third)).isTrue();
    assertThatIllegalStateException().isThrownBy(() -> scheduler.offer(third));
  }

  @Test
  void freesTheBlocksOfASequenceThatEndsWithinAStep() {
    Scheduler scheduler = new Scheduler(ROOMY, KV);
    Sequence sequence = generating(0, 0, 18);
    scheduler.offer(sequence);
    scheduler.schedule();
    scheduler.finish(sequence);
    scheduler.advance();
    scheduler.finish(sequence);
    assertThat(scheduler.hasWork()).isFalse();
    assertThat(scheduler.stats().full()).isEqualTo(new SchedulerStats.Blocks(100, 0, 0));
    assertThat(scheduler.stats().window()).isEqualTo(new SchedulerStats.Blocks(100, 0, 0));
    assertThat(scheduler.schedule().isEmpty()).isTrue();
  }

  @Test
  void dropsAWaitingSequence() {
    Scheduler scheduler = new Scheduler(new SchedulerConfig(1, 8, 8, 4, true), KV);
    Sequence first = generating(0, 0, 3);
    Sequence second = generating(1, 0, 3);
    scheduler.offer(first);
    scheduler.offer(second);
    step(scheduler);
    scheduler.finish(second);
    scheduler.finish(first);
    assertThat(scheduler.hasWork()).isFalse();
  }

  @Test
  void countsWhatItHolds() {
    Scheduler scheduler = new Scheduler(new SchedulerConfig(1, 64, 32, 16, true), KV);
    Sequence first = generating(0, 0, 18);
    scheduler.offer(first);
    scheduler.offer(generating(1, 500, 3));
    step(scheduler);
    SchedulerStats stats = scheduler.stats();
    assertThat(stats.running()).isEqualTo(1);
    assertThat(stats.waiting()).isEqualTo(1);
    assertThat(stats.computedTokens()).isEqualTo(18);
    assertThat(stats.full()).isEqualTo(new SchedulerStats.Blocks(95, 0, 5));
    // The next query, position 18, sees 13 to 18: blocks 3 and 4.
    assertThat(stats.window()).isEqualTo(new SchedulerStats.Blocks(95, 3, 2));
    scheduler.finish(first);
    assertThat(scheduler.stats().full()).isEqualTo(new SchedulerStats.Blocks(96, 4, 0));
  }

  @Test
  void insistsOnTheOrderOfCalls() {
    Scheduler scheduler = new Scheduler(ROOMY, KV);
    assertThatIllegalStateException().isThrownBy(scheduler::advance);
    Sequence sequence = Sequence.generating(0, range(0, 3), 2);
    assertThatIllegalStateException().isThrownBy(() -> scheduler.append(sequence, 1));
    scheduler.offer(sequence);
    scheduler.schedule();
    assertThatIllegalStateException().isThrownBy(scheduler::schedule);
    assertThatIllegalStateException().isThrownBy(() -> scheduler.append(sequence, 1));
    scheduler.advance();
    assertThatIllegalArgumentException().isThrownBy(() -> scheduler.append(sequence, range(0, 3)));
    scheduler.append(sequence, range(0, 2));
    assertThat(sequence.token(4)).isEqualTo(1);
  }

  @Test
  void passesOverASequenceThatAwaitsItsToken() {
    Scheduler scheduler = new Scheduler(ROOMY, KV);
    Sequence sequence = Sequence.generating(0, range(0, 3), 4);
    scheduler.offer(sequence);
    step(scheduler);
    assertThat(scheduler.schedule().isEmpty()).isTrue();
    scheduler.advance();
    scheduler.append(sequence, 7);
    assertThat(scheduler.schedule().tokenCount()).isEqualTo(1);
  }

  @Test
  void computesAStandInAndWantsItsTokenBeforeTheStepEnds() {
    Scheduler scheduler = new Scheduler(ROOMY, KV);
    Sequence sequence = Sequence.generating(0, range(0, 3), 4);
    scheduler.offer(sequence);
    step(scheduler);
    assertThatIllegalStateException().isThrownBy(() -> scheduler.resolve(sequence, 7));
    assertThatIllegalStateException().isThrownBy(() -> scheduler.appendPending(sequence, 7));
    scheduler.appendPending(sequence, -1);
    assertThatIllegalStateException().isThrownBy(() -> scheduler.appendPending(sequence, -1));
    ScheduledBatch batch = scheduler.schedule();
    assertThat(batch.tokens()[0]).isEqualTo(-1);
    assertThat(batch.positions()[0]).isEqualTo(3);
    assertThatIllegalStateException()
        .isThrownBy(scheduler::advance)
        .withMessageContaining("still pending");
  }

  @Test
  void sharesNothingUnderAStandIn() {
    Scheduler scheduler = new Scheduler(ROOMY, KV);
    Sequence first = Sequence.generating(0, range(0, 3), 4);
    scheduler.offer(first);
    step(scheduler);
    scheduler.appendPending(first, -1);
    scheduler.schedule();
    scheduler.resolve(first, 7);
    scheduler.advance();
    scheduler.finish(first);
    // Block 0 is whole with tokens 0, 1, 2, 7.
    Sequence second = Sequence.generating(1, new int[] {0, 1, 2, 7, 8}, 1);
    scheduler.offer(second);
    scheduler.schedule();
    assertThat(second.cachedTokens()).isEqualTo(4);
  }

  @Test
  void refusesAWindowPoolSmallerThanOneRing() {
    assertThatThrownBy(() -> new Scheduler(ROOMY, new KvCacheConfig(4, 100, 6, 10)))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("windowBlocks is 10")
        .hasMessageContaining("11");
  }

  private static void computeAndFinish(Scheduler scheduler, Sequence sequence) {
    scheduler.offer(sequence);
    do {
      step(scheduler);
    } while (sequence.remaining() > 0);
    scheduler.finish(sequence);
  }

  private static ScheduledBatch step(Scheduler scheduler) {
    ScheduledBatch batch = scheduler.schedule();
    scheduler.advance();
    return batch;
  }

  private static Sequence generating(int id, int firstToken, int promptLength) {
    return Sequence.generating(id, range(firstToken, promptLength), 50);
  }

  private static int[] range(int from, int count) {
    int[] range = new int[count];
    Arrays.setAll(range, i -> from + i);
    return range;
  }

  private static int[] valid(int[] array, int length) {
    return Arrays.copyOf(array, length);
  }
}
