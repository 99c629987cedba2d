package io.github.gptoss.engine.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Counts what sharing saves. */
class PrefixSharingTest {
  private static final int PREFIX = 300;
  private static final int SHARED = PREFIX / 16 * 16;

  @Test
  void computesTheCommonPrefixOfFiveHundredRowsOnce() {
    SchedulerConfig config = new SchedulerConfig(64, 2048, 512, 1000, true);
    KvCacheConfig kv = new KvCacheConfig(16, 64 * 30, 128, 64 * 10 + 128);
    Simulation simulation = new Simulation(config, kv, rows(500, 20, 12), 1000);
    Map<Integer, Simulation.Outcome> outcomes = simulation.run();

    for (int position = 0; position < SHARED; position++) {
      assertThat(simulation.computedAt(position)).as("position %d", position).isEqualTo(1);
    }
    assertThat(simulation.computedAt(SHARED)).isEqualTo(500);
    assertThat(outcomes.values().stream().filter(o -> o.cachedTokens() == SHARED)).hasSize(499);
    assertThat(simulation.stats().prefixHitTokens()).isEqualTo(499L * SHARED);
    assertThat(simulation.stats().preemptions()).isZero();
  }

  @Test
  void computesTheCommonPrefixOnceWhenItTakesManyChunks() {
    SchedulerConfig config = new SchedulerConfig(32, 64, 50, 1000, true);
    KvCacheConfig kv = new KvCacheConfig(16, 32 * 30, 128, 32 * 10 + 16);
    Simulation simulation = new Simulation(config, kv, rows(100, 20, 12), 1000);
    simulation.run();
    for (int position = 0; position < SHARED; position++) {
      assertThat(simulation.computedAt(position)).as("position %d", position).isEqualTo(1);
    }
  }

  @Test
  void keepsTheCommonPrefixWhileLongCompletionsChurnTheWindowPool() {
    SchedulerConfig config = new SchedulerConfig(8, 512, 512, 1000, true);
    KvCacheConfig kv = new KvCacheConfig(16, 8 * 60, 128, 8 * 10 + 45);
    // Each generation turns over the window pool several times before the next rows come.
    Simulation simulation = new Simulation(config, kv, rows(40, 20, 400), 1000);
    simulation.run();
    assertThat((double) simulation.computedAt(0)).isCloseTo(1, within(1.0));
  }

  @Test
  void computesTheCommonPrefixOnceForEachAdapter() {
    SchedulerConfig config = new SchedulerConfig(64, 2048, 512, 1000, true);
    KvCacheConfig kv = new KvCacheConfig(16, 64 * 30, 128, 64 * 10 + 128);
    List<Workload.Request> mixed = new ArrayList<>();
    for (Workload.Request request : rows(60, 20, 12).requests()) {
      mixed.add(request.with(request.id() % 3));
    }
    Simulation simulation = new Simulation(config, kv, new Workload(mixed), 1000);
    simulation.run();
    assertThat(simulation.computedAt(0)).isEqualTo(3);
    assertThat(simulation.computedAt(SHARED - 1)).isEqualTo(3);
    assertThat(simulation.stats().prefixHitTokens()).isEqualTo(57L * SHARED);
  }

  @Test
  void computesThePrefixForEachRowWithSharingOff() {
    SchedulerConfig config = new SchedulerConfig(64, 2048, 512, 1000, false);
    KvCacheConfig kv = new KvCacheConfig(16, 64 * 30, 128, 64 * 10 + 128);
    Simulation simulation = new Simulation(config, kv, rows(20, 20, 5), 1000);
    simulation.run();
    assertThat(simulation.computedAt(0)).isEqualTo(20);
    assertThat(simulation.stats().prefixHitTokens()).isZero();
  }

  @Test
  void sharesTheGrowingPrefixOfConversationTurns() {
    SchedulerConfig config = new SchedulerConfig(4, 256, 256, 100, true);
    KvCacheConfig kv = new KvCacheConfig(16, 200, 20, 200);
    List<Workload.Request> turns = new ArrayList<>();
    for (int turn = 0; turn < 5; turn++) {
      List<Integer> prompt = Workload.tokens(5000, 100 + 50 * turn);
      turns.add(Workload.Request.generating(turn, prompt, 3));
    }
    Simulation simulation = new Simulation(config, kv, new Workload(turns), 1000);
    Map<Integer, Simulation.Outcome> outcomes = simulation.run();
    assertThat(outcomes.get(4).cachedTokens()).isEqualTo(250 / 16 * 16);
    assertThat(simulation.computedAt(0)).isEqualTo(1);
  }

  private static Workload rows(int count, int ownTokens, int maxNewTokens) {
    List<Integer> prefix = Workload.tokens(5000, PREFIX);
    List<Workload.Request> requests = new ArrayList<>();
    for (int id = 0; id < count; id++) {
      List<Integer> own = Workload.tokens(10_000 + 100 * id, ownTokens);
      requests.add(Workload.Request.generating(id, Workload.concat(prefix, own), maxNewTokens));
    }
    return new Workload(requests);
  }
}
