package io.github.gptoss.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class SamplerPropertyTest {
  private final Sampler.Workspace workspace = new Sampler.Workspace();

  /** A row with everything that belongs to it. Never compared, so an array does no harm. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Case(
      float[] logits, List<Integer> prompt, List<Integer> output, SamplingParams params) {
    TokenHistory history() {
      TokenHistory history = new TokenHistory(logits.length);
      history.addPrompt(prompt.stream().mapToInt(Integer::intValue).toArray());
      output.forEach(history::addOutput);
      return history;
    }

    @Override
    public String toString() {
      return "Case[" + logits.length + " logits, " + prompt + ", " + output + ", " + params + "]";
    }
  }

  @Provide
  Arbitrary<Case> cases() {
    return Arbitraries.randomValue(SamplerPropertyTest::randomCase);
  }

  private static Case randomCase(Random random) {
    int[] sizes = {1, 2, 5, 127, 128, 129, 300, 3_000};
    int size = sizes[random.nextInt(sizes.length)];
    float scale = new float[] {0.1f, 1, 5, 20}[random.nextInt(4)];
    boolean ties = random.nextInt(4) == 0;
    float[] logits = new float[size];
    for (int i = 0; i < size; i++) {
      double value = random.nextGaussian() * scale;
      logits[i] = (float) (ties ? Math.rint(value) : value);
      if (i > 0 && random.nextInt(20) == 0) {
        logits[i] = Float.NEGATIVE_INFINITY;
      }
    }
    SamplingParams.Builder params =
        SamplingParams.builder()
            .seed(random.nextLong())
            .temperature(new double[] {0.01, 0.3, 1, 1.7}[random.nextInt(4)]);
    if (random.nextBoolean()) {
      params.topP(random.nextInt(8) == 0 ? 0 : Math.max(1e-6, random.nextDouble()));
    }
    if (random.nextBoolean()) {
      params.topK(1 + random.nextInt(size + 2));
    }
    if (random.nextInt(3) == 0) {
      params.minP(random.nextDouble());
    }
    if (random.nextBoolean()) {
      params
          .repetitionPenalty(0.5 + random.nextDouble())
          .presencePenalty(4 * random.nextDouble() - 2)
          .frequencyPenalty(4 * random.nextDouble() - 2);
    }
    if (random.nextInt(3) == 0) {
      Map<Integer, Double> bias = new HashMap<>();
      for (int i = 0; i < 3; i++) {
        bias.put(random.nextInt(size), 10 * random.nextGaussian());
      }
      params.logitBias(LogitBias.of(bias));
    }
    return new Case(logits, tokens(random, size), tokens(random, size), params.build());
  }

  private static List<Integer> tokens(Random random, int size) {
    List<Integer> tokens = new ArrayList<>();
    for (int n = random.nextInt(40); n > 0; n--) {
      tokens.add(random.nextInt(size));
    }
    return tokens;
  }

  @Property(tries = 2_000)
  void distributionFollowsTheDefinitions(@ForAll("cases") Case c) {
    double[] expected = NaiveSampler.distribution(c.logits(), c.prompt(), c.output(), c.params());
    assertThat(distribution(c)).containsExactly(expected, within(1e-9));
  }

  @Property
  void sampledTokenIsPossible(@ForAll("cases") Case c) {
    double[] probs = distribution(c);
    for (int position = 0; position < 20; position++) {
      assertThat(probs[sample(c, c.params(), position)]).isPositive();
    }
  }

  @Property
  void probabilitiesSumToOne(@ForAll("cases") Case c) {
    double sum = 0;
    for (double p : distribution(c)) {
      sum += p;
    }
    assertThat(sum).isCloseTo(1, within(1e-9));
  }

  @Property
  void smallestTopPIsGreedy(@ForAll("cases") Case c) {
    int greedy = sample(c, c.params().toBuilder().temperature(0).build(), 7);
    for (double topP : new double[] {0, 1e-9}) {
      SamplingParams params = c.params().toBuilder().topK(-1).minP(0).topP(topP).build();
      assertThat(sample(c, params, 7)).isEqualTo(greedy);
    }
  }

  @Property
  void topKOfOneTakesALargestLogit(@ForAll("cases") Case c) {
    SamplingParams params = c.params().toBuilder().topK(1).minP(0).topP(1).build();
    double[] probs = new double[c.logits().length];
    Sampler.distribution(c.logits(), 0, c.logits().length, params, c.history(), probs, workspace);
    int greedy = sample(c, c.params().toBuilder().temperature(0).build(), 7);
    int sampled = sample(c, params, 7);
    if (probs[greedy] == 1) {
      assertThat(sampled).isEqualTo(greedy);
    } else {
      assertThat(probs[sampled]).isEqualTo(probs[greedy]);
    }
  }

  @Property
  void orderOfHistoryDoesNotMatter(@ForAll("cases") Case c, @ForAll Random random) {
    List<Integer> prompt = new ArrayList<>(c.prompt());
    List<Integer> output = new ArrayList<>(c.output());
    Collections.shuffle(prompt, random);
    Collections.shuffle(output, random);
    Case shuffled = new Case(c.logits(), prompt, output, c.params());
    assertThat(distribution(shuffled)).isEqualTo(distribution(c));
    assertThat(sample(shuffled, c.params(), 3)).isEqualTo(sample(c, c.params(), 3));
  }

  @Property
  void rowsAroundItAndEarlierUseOfTheWorkspaceDoNotMatter(
      @ForAll("cases") Case c, @ForAll("cases") Case before) {
    int size = c.logits().length;
    float[] batch = new float[3 * size];
    Arrays.fill(batch, Float.NaN);
    System.arraycopy(c.logits(), 0, batch, size, size);
    float[] unchanged = batch.clone();
    sample(before, before.params(), 0);
    int token = Sampler.sample(batch, size, size, c.params(), null, c.history(), 5, workspace);
    assertThat(token)
        .isEqualTo(
            Sampler.sample(
                c.logits(), 0, size, c.params(), null, c.history(), 5, new Sampler.Workspace()));
    assertThat(batch).isEqualTo(unchanged);
  }

  private double[] distribution(Case c) {
    double[] probs = new double[c.logits().length];
    Sampler.distribution(
        c.logits(), 0, c.logits().length, c.params(), c.history(), probs, workspace);
    return probs;
  }

  private int sample(Case c, SamplingParams params, long position) {
    return Sampler.sample(
        c.logits(), 0, c.logits().length, params, null, c.history(), position, workspace);
  }
}
