package io.github.gptoss.engine.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.statistics.Statistics;

class SchedulerPropertyTest {
  /**
   * A small world; the workload's details come from the seed. A hungry one has short prompts and
   * long completions, which outgrow the memory that they were admitted to.
   */
  record World(
      int blockTokens,
      int windowTokens,
      boolean hasFull,
      int maxRunning,
      int moreStepTokens,
      int maxChunkTokens,
      int maxWaiting,
      boolean sharing,
      int spareBlocks,
      int sequences,
      int vocabulary,
      boolean hungry,
      long seed) {
    SchedulerConfig config() {
      int maxStepTokens = maxRunning + moreStepTokens;
      return new SchedulerConfig(
          maxRunning, maxStepTokens, Math.min(maxChunkTokens, maxStepTokens), maxWaiting, sharing);
    }

    /** Memory for the longest sequence and a few blocks more. */
    KvCacheConfig kvConfig(int maxLength) {
      int ring =
          windowTokens == 0
              ? 0
              : (windowTokens + config().maxChunkTokens() + blockTokens - 1) / blockTokens + 1;
      int context = (maxLength + blockTokens - 1) / blockTokens;
      return new KvCacheConfig(
          blockTokens,
          hasFull || windowTokens == 0 ? context + spareBlocks : 0,
          windowTokens,
          windowTokens == 0 ? 0 : ring + spareBlocks / 2);
    }

    Workload workload() {
      Random random = new Random(seed);
      List<List<Integer>> prefixes = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        prefixes.add(randomTokens(random, random.nextInt(hungry ? 8 : 50)));
      }
      List<Workload.Request> requests = new ArrayList<>();
      for (int id = 0; id < sequences; id++) {
        List<Integer> prompt =
            Workload.concat(
                prefixes.get(random.nextInt(prefixes.size())),
                randomTokens(random, 1 + random.nextInt(hungry || random.nextBoolean() ? 4 : 40)));
        boolean scoring = random.nextInt(5) == 0;
        requests.add(
            new Workload.Request(
                id,
                prompt,
                scoring ? 0 : 1 + random.nextInt(hungry ? 120 : 40),
                scoring ? random.nextInt(prompt.size()) : -1,
                hungry || random.nextBoolean() ? 0 : random.nextInt(60),
                random.nextInt(6) == 0 ? random.nextInt(80) : -1,
                random.nextBoolean(),
                random.nextInt(4) == 0 ? 1 + random.nextInt(2) : 0));
      }
      return new Workload(requests);
    }

    private List<Integer> randomTokens(Random random, int count) {
      List<Integer> tokens = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        tokens.add(random.nextInt(vocabulary));
      }
      return tokens;
    }
  }

  @Provide
  Arbitrary<World> worlds() {
    Arbitrary<int[]> cache =
        Combinators.combine(
                Arbitraries.of(1, 2, 4, 8, 16),
                Arbitraries.of(0, 1, 2, 3, 5, 8, 16, 17, 33),
                Arbitraries.integers().between(0, 1),
                Arbitraries.of(0, 1, 2, 3, 4, 6, 10, 30))
            .as((blockTokens, window, full, spare) -> new int[] {blockTokens, window, full, spare});
    Arbitrary<int[]> limits =
        Combinators.combine(
                Arbitraries.integers().between(1, 16),
                Arbitraries.integers().between(0, 100),
                Arbitraries.integers().between(1, 70),
                Arbitraries.integers().between(1, 12))
            .as((running, step, chunk, waiting) -> new int[] {running, step, chunk, waiting});
    return Combinators.combine(
            cache,
            limits,
            Arbitraries.of(true, true, true, false),
            Arbitraries.integers().between(1, 20),
            Arbitraries.integers().between(1, 3),
            Arbitraries.of(false, false, true),
            Arbitraries.longs())
        .as(
            (c, l, sharing, sequences, vocabulary, hungry, seed) ->
                new World(
                    c[0],
                    c[1],
                    c[2] == 1,
                    l[0],
                    l[1],
                    l[2],
                    l[3],
                    sharing,
                    c[3],
                    sequences,
                    vocabulary,
                    hungry,
                    seed));
  }

  @Property(tries = 600, edgeCases = EdgeCasesMode.NONE)
  void everySequenceGetsTheTokensItGetsAlone(@ForAll("worlds") World world) {
    Workload workload = world.workload();
    KvCacheConfig kvConfig = world.kvConfig(workload.maxLength());
    Simulation together = new Simulation(world.config(), kvConfig, workload, world.vocabulary());
    Map<Integer, Simulation.Outcome> outcomes = together.run();

    assertThat(outcomes).hasSize(world.sequences());
    for (Workload.Request request : workload.requests()) {
      Simulation.Outcome alone = runAlone(world, kvConfig, request);
      Simulation.Outcome outcome = outcomes.get(request.id());
      if (outcome.cancelled()) {
        assertThat(alone.tokens()).startsWith(outcome.tokens().toArray(Integer[]::new));
      } else {
        assertThat(outcome.tokens()).isEqualTo(alone.tokens());
        assertThat(outcome.logits()).isEqualTo(alone.logits());
      }
    }
    if (!world.sharing()) {
      assertThat(together.stats().prefixHitTokens()).isZero();
    }
    Statistics.label("preempted").collect(together.stats().preemptions() > 0);
    Statistics.label("preempted often").collect(together.stats().preemptions() > 5);
    Statistics.label("shared").collect(together.stats().prefixHitTokens() > 0);
  }

  @Property(tries = 600, edgeCases = EdgeCasesMode.NONE)
  void stepsUnderWayChangeNoTokens(
      @ForAll("worlds") World world, @ForAll @IntRange(min = 1, max = 4) int stepsAhead) {
    Workload workload = world.workload();
    KvCacheConfig kvConfig = world.kvConfig(workload.maxLength());
    Map<Integer, Simulation.Outcome> outcomes =
        new Simulation(world.config(), kvConfig, workload, world.vocabulary(), stepsAhead).run();

    assertThat(outcomes).hasSize(world.sequences());
    for (Workload.Request request : workload.requests()) {
      Simulation.Outcome alone = runAlone(world, kvConfig, request);
      Simulation.Outcome outcome = outcomes.get(request.id());
      if (!outcome.cancelled()) {
        assertThat(outcome.tokens()).isEqualTo(alone.tokens());
        assertThat(outcome.logits()).isEqualTo(alone.logits());
      }
    }
  }

  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
  void admitsInOrderOfArrivalWithoutSharing(@ForAll("worlds") World shared) {
    World world =
        new World(
            shared.blockTokens(),
            shared.windowTokens(),
            shared.hasFull(),
            shared.maxRunning(),
            shared.moreStepTokens(),
            shared.maxChunkTokens(),
            shared.maxWaiting(),
            false,
            shared.spareBlocks(),
            shared.sequences(),
            shared.vocabulary(),
            shared.hungry(),
            shared.seed());
    Workload workload = world.workload();
    Simulation simulation =
        new Simulation(
            world.config(), world.kvConfig(workload.maxLength()), workload, world.vocabulary());
    simulation.run();
    List<Integer> offered = new ArrayList<>(simulation.offerOrder());
    offered.retainAll(simulation.admissionOrder());
    assertThat(simulation.admissionOrder()).isEqualTo(offered);
  }

  private static Simulation.Outcome runAlone(
      World world, KvCacheConfig kvConfig, Workload.Request request) {
    SchedulerConfig config =
        new SchedulerConfig(
            1, world.config().maxChunkTokens(), world.config().maxChunkTokens(), 1, false);
    Simulation alone =
        new Simulation(
            config, kvConfig, new Workload(List.of(request.alone())), world.vocabulary());
    Simulation.Outcome outcome = alone.run().get(request.id());
    assertThat(alone.stats().preemptions()).isZero();
    return outcome;
  }
}
