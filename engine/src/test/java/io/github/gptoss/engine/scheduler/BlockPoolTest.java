package io.github.gptoss.engine.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BlockPoolTest {
  private final PrefixIndex index = new PrefixIndex(1);

  @Test
  void givesFreeBlocksBeforeCachedOnes() {
    BlockPool pool = new BlockPool(index, PrefixNode.FULL, 2);
    int cached = cachedBlock(pool, 1);
    int free = pool.allocate();
    assertThat(free).isNotEqualTo(cached);
    assertThat(pool.available()).isEqualTo(1);
    assertThat(pool.allocate()).isEqualTo(cached);
    assertThat(pool.available()).isZero();
  }

  @Test
  void evictsTheLeastRecentlyUsedOfTheBlocksThatNobodyShared() {
    BlockPool pool = new BlockPool(index, PrefixNode.FULL, 4);
    int shared = cachedBlock(pool, 1);
    pool.share(shared);
    pool.release(shared);
    int second = cachedBlock(pool, 2);
    int third = cachedBlock(pool, 3);
    int fourth = cachedBlock(pool, 4);
    assertThat(pool.allocate()).isEqualTo(second);
    assertThat(pool.allocate()).isEqualTo(third);
    assertThat(pool.allocate()).isEqualTo(fourth);
    assertThat(pool.allocate()).isEqualTo(shared);
    assertThat(index.size()).isZero();
  }

  @Test
  void protectsAtMostHalfOfItsBlocks() {
    BlockPool pool = new BlockPool(index, PrefixNode.FULL, 4);
    int[] shared = new int[3];
    for (int i = 0; i < 3; i++) {
      shared[i] = cachedBlock(pool, i);
      pool.share(shared[i]);
      pool.release(shared[i]);
    }
    int unshared = cachedBlock(pool, 3);
    assertThat(pool.allocate()).isEqualTo(shared[0]);
    assertThat(pool.allocate()).isEqualTo(unshared);
    assertThat(pool.allocate()).isEqualTo(shared[1]);
  }

  @Test
  void forgetsThePrefixOfAnEvictedBlock() {
    BlockPool pool = new BlockPool(index, PrefixNode.WINDOW, 1);
    int block = cachedBlock(pool, 7);
    PrefixNode node = pool.node(block);
    node.uses++;
    assertThat(node.blocks).containsExactly(-1, block);
    pool.allocate();
    assertThat(node.blocks).containsExactly(-1, -1);
    assertThat(pool.node(block)).isNull();
  }

  @Test
  void keepsTheFirstBlockPublishedForAPrefix() {
    BlockPool pool = new BlockPool(index, PrefixNode.FULL, 2);
    PrefixNode node = index.findOrAdd(null, 0, new int[] {5}, 0);
    int first = pool.allocate();
    int second = pool.allocate();
    pool.publish(first, node);
    pool.publish(second, node);
    pool.release(second);
    assertThat(pool.freeCount()).isEqualTo(1);
    pool.release(first);
    assertThat(pool.cachedCount()).isEqualTo(1);
    assertThat(node.blocks[PrefixNode.FULL]).isEqualTo(first);
  }

  private int cachedBlock(BlockPool pool, int token) {
    int block = pool.allocate();
    pool.publish(block, index.findOrAdd(null, 0, new int[] {token}, 0));
    pool.release(block);
    return block;
  }
}
