package io.github.gptoss.engine.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;

/**
 * A model whose keys and values are hashes of the exact token history and of the adapter. Every
 * attention read through the step's block tables must find the hash of the reader's own history,
 * and the logits are a hash of all that was read: wrong sharing, early release or overwriting
 * cannot go unnoticed.
 */
final class FakeModel {
  private static final long FULL_SALT = 0x5bd1e995L;
  private static final long WINDOW_SALT = 0x1b873593L;

  private final KvCacheConfig config;
  private final KvCache kv;
  private final long[] fullSlots;
  private final long[] windowSlots;

  FakeModel(KvCacheConfig config, KvCache kv) {
    this.config = config;
    this.kv = kv;
    fullSlots = new long[config.fullBlocks() * config.blockTokens()];
    windowSlots = new long[config.windowBlocks() * config.blockTokens()];
  }

  /**
   * Computes a step.
   *
   * @param histories the tokens that each sequence should have, kept apart from the scheduler
   * @param tokenOf what a token id of the batch stands for
   * @return logits, [batch.logitsCount()]
   */
  long[] forward(
      ScheduledBatch batch, Function<Sequence, List<Integer>> histories, IntUnaryOperator tokenOf) {
    long[][] chains = new long[batch.sequenceCount()][];
    for (int s = 0; s < chains.length; s++) {
      assertThat(batch.adapters()[s]).isEqualTo(batch.sequence(s).adapter());
      chains[s] = chain(histories.apply(batch.sequence(s)), batch.adapters()[s]);
    }
    for (int row = 0; row < batch.tokenCount(); row++) {
      int s = batch.tokenSequences()[row];
      assertThat(tokenOf.applyAsInt(batch.tokens()[row]))
          .isEqualTo(histories.apply(batch.sequence(s)).get(batch.positions()[row]));
      write(batch, row, chains[s]);
    }
    long[] read = new long[batch.tokenCount()];
    for (int row = 0; row < batch.tokenCount(); row++) {
      read[row] = read(batch, row, chains[batch.tokenSequences()[row]]);
    }
    long[] logits = new long[batch.logitsCount()];
    for (int i = 0; i < logits.length; i++) {
      int row = batch.logitsRows()[i];
      assertThat(batch.logitsSequences()[i]).isEqualTo(batch.tokenSequences()[row]);
      logits[i] = read[row];
    }
    return logits;
  }

  private void write(ScheduledBatch batch, int row, long[] chain) {
    int position = batch.positions()[row];
    if (config.fullBlocks() > 0) {
      int slot = fullSlot(batch, row, position);
      requireOwned(kv.full(), slot / config.blockTokens());
      fullSlots[slot] = chain[position] ^ FULL_SALT;
    }
    if (config.windowTokens() > 0) {
      int slot = windowSlot(batch, row, position);
      requireOwned(kv.window(), slot / config.blockTokens());
      windowSlots[slot] = chain[position] ^ WINDOW_SALT;
    }
  }

  private static void requireOwned(BlockPool pool, int block) {
    assertThat(pool.references(block)).as("sequences that use a written block").isEqualTo(1);
    assertThat(pool.node(block)).as("prefix of a written block").isNull();
  }

  private long read(ScheduledBatch batch, int row, long[] chain) {
    int position = batch.positions()[row];
    long sum = chain[position];
    if (config.fullBlocks() > 0) {
      for (int p = 0; p <= position; p++) {
        long value = fullSlots[fullSlot(batch, row, p)];
        if (value != (chain[p] ^ FULL_SALT)) {
          throw new AssertionError("query " + position + " read a wrong full slot for " + p);
        }
        sum = mix(sum, value);
      }
    }
    if (config.windowTokens() > 0) {
      for (int p = Math.max(0, position - config.windowTokens() + 1); p <= position; p++) {
        long value = windowSlots[windowSlot(batch, row, p)];
        if (value != (chain[p] ^ WINDOW_SALT)) {
          throw new AssertionError("query " + position + " read a wrong window slot for " + p);
        }
        sum = mix(sum, value);
      }
    }
    return sum;
  }

  private int fullSlot(ScheduledBatch batch, int row, int position) {
    int s = batch.tokenSequences()[row];
    int entry = batch.fullStarts()[s] + position / batch.blockTokens();
    assertThat(entry).isLessThan(batch.fullStarts()[s + 1]);
    return batch.fullBlocks()[entry] * batch.blockTokens() + position % batch.blockTokens();
  }

  private int windowSlot(ScheduledBatch batch, int row, int position) {
    int s = batch.tokenSequences()[row];
    int entry = (position / batch.blockTokens()) % batch.ringBlocks();
    int block = batch.windowBlocks()[s * batch.ringBlocks() + entry];
    assertThat(block).isNotNegative();
    return block * batch.blockTokens() + position % batch.blockTokens();
  }

  private static long[] chain(List<Integer> tokens, int adapter) {
    long[] chain = new long[tokens.size()];
    long before = 17 + adapter;
    for (int p = 0; p < chain.length; p++) {
      before = mix(mix(before, tokens.get(p)), p);
      chain[p] = before;
    }
    return chain;
  }

  static long mix(long a, long b) {
    return Arrays.hashCode(new long[] {a, b}) * 0x2545F4914F6CDD1DL + Long.rotateLeft(a, 23) + b;
  }
}
