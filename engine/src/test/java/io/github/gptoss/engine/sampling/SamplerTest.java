package io.github.gptoss.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.gptoss.engine.error.GptOssException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplerTest {
  private static final float INFINITY = Float.POSITIVE_INFINITY;
  private static final SamplingParams GREEDY = SamplingParams.GREEDY;

  /** One for each way through the sampler. */
  private static final List<SamplingParams> WAYS =
      List.of(
          GREEDY,
          SamplingParams.builder().temperature(0).repetitionPenalty(1.1).build(),
          drawing().build(),
          SamplingParams.builder().temperature(0.7).topP(0.9).build(),
          drawing().topK(3).build(),
          drawing().minP(0.1).topP(0.5).build());

  private static SamplingParams.Builder drawing() {
    return SamplingParams.builder().temperature(1);
  }

  private final Sampler.Workspace workspace = new Sampler.Workspace();

  @Test
  void drawsWithTheFrequenciesOfTheDistribution() {
    SplittableRandom random = new SplittableRandom(5);
    float[] logits = new float[400];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) (4 * random.nextDouble());
    }
    for (SamplingParams way : WAYS.subList(2, WAYS.size())) {
      SamplingParams params = way.toBuilder().seed(11).build();
      double[] probs = distribution(logits, params);
      int draws = 200_000;
      int[] counts = new int[logits.length];
      for (int position = 0; position < draws; position++) {
        counts[sample(logits, params, position)]++;
      }
      double chiSquare = 0;
      int possible = 0;
      for (int i = 0; i < logits.length; i++) {
        if (probs[i] == 0) {
          assertThat(counts[i]).isZero();
        } else {
          double expected = probs[i] * draws;
          chiSquare += (counts[i] - expected) * (counts[i] - expected) / expected;
          possible++;
        }
      }
      // Mean and variance of chi-square are f and 2f at f degrees of freedom.
      int freedom = possible - 1;
      assertThat(freedom).isPositive();
      assertThat(chiSquare).as("%s", params).isLessThan(freedom + 5 * Math.sqrt(2.0 * freedom));
    }
  }

  @Test
  void drawsOfDifferentSeedsAreIndependent() {
    float[] logits = new float[16];
    int draws = 40_000;
    int equal = 0;
    for (int i = 0; i < draws; i++) {
      int one = sample(logits, drawing().seed(i).build(), 9);
      int other = sample(logits, drawing().seed(i + 1).build(), 9);
      equal += one == other ? 1 : 0;
    }
    assertThat(equal / (double) draws).isCloseTo(1 / 16.0, within(0.006));
  }

  @Test
  void greedyTakesTheLowestIdAmongEquals() {
    float[] logits = new float[1000];
    logits[130] = logits[300] = logits[301] = 2;
    assertThat(sample(logits, GREEDY, 0)).isEqualTo(130);
    assertThat(sample(new float[] {-1, -0.0f, 0.0f}, GREEDY, 0)).isEqualTo(1);
  }

  @Test
  void topKKeepsAllThatTieWithTheLast() {
    float[] logits = {1, 3, 2, 2, 0, 2};
    assertThat(kept(logits, drawing().topK(2).build())).containsExactly(1, 2, 3, 5);
    assertThat(kept(logits, drawing().topK(1).build())).containsExactly(1);
    assertThat(kept(logits, drawing().topK(0).build())).hasSize(6);
    assertThat(kept(logits, drawing().topK(1000).build())).hasSize(6);
  }

  @Test
  void topPKeepsTheFewestThatReachItAndLowIdsAmongEquals() {
    float[] even = new float[4];
    assertThat(kept(even, drawing().topP(0.5).build())).containsExactly(0, 1);
    assertThat(kept(even, drawing().topP(0.51).build())).containsExactly(0, 1, 2);
    assertThat(kept(even, drawing().topP(1e-300).build())).containsExactly(0);
  }

  @Test
  void topPOfZeroKeepsTheLowestIdOfTheLikeliest() {
    SamplingParams params = drawing().topP(0).build();
    float[] logits = new float[1000];
    assertThat(kept(logits, params)).containsExactly(0);
    logits[130] = logits[300] = logits[301] = 2;
    assertThat(kept(logits, params)).containsExactly(130);
    assertThat(kept(logits, params.toBuilder().topK(5).minP(0.1).build())).containsExactly(130);
    logits[400] = logits[800] = INFINITY;
    assertThat(kept(logits, params)).containsExactly(400);
  }

  @Test
  void topPLooksAtWhatTopKAndMinPLeft() {
    // 0.4, 0.3, 0.2, 0.1: top_p 0.7 alone keeps two; of the top two, 4/7 and 3/7, it needs both.
    float[] logits = new float[4];
    for (int i = 0; i < 4; i++) {
      logits[i] = (float) Math.log(0.4 - 0.1 * i);
    }
    assertThat(kept(logits, drawing().topP(0.6).build())).containsExactly(0, 1);
    assertThat(kept(logits, drawing().topP(0.57).topK(2).build())).containsExactly(0);
    assertThat(kept(logits, drawing().topP(0.57).minP(0.7).build())).containsExactly(0);
  }

  @Test
  void minPOfOneKeepsTheLikeliest() {
    assertThat(kept(new float[] {1, 2, 2, 1.9999f}, drawing().minP(1).build()))
        .containsExactly(1, 2);
  }

  @Test
  void onlyPossibleTokenIsTaken() {
    float[] logits = new float[500];
    Arrays.fill(logits, Float.NEGATIVE_INFINITY);
    logits[311] = -3e38f;
    for (SamplingParams way : WAYS) {
      assertThat(sample(logits, way, 1)).isEqualTo(311);
      assertThat(kept(logits, way)).containsExactly(311);
    }
  }

  @Test
  void infiniteLogitsShareAllProbability() {
    float[] logits = {0, INFINITY, 3e38f, INFINITY, -INFINITY};
    assertThat(distribution(logits, drawing().build())).containsExactly(0, 0.5, 0, 0.5, 0);
    for (SamplingParams way : WAYS) {
      assertThat(sample(logits, way, 2)).isIn(1, 3);
    }
  }

  @Test
  void extremeFiniteLogitsDoNotOverflow() {
    float[] logits = {3.4e38f, -3.4e38f, 3.4e38f};
    for (double temperature : new double[] {1e-5, 1, 1000}) {
      SamplingParams params = drawing().temperature(temperature).build();
      assertThat(distribution(logits, params)).containsExactly(0.5, 0, 0.5);
      assertThat(kept(logits, params.toBuilder().minP(0.5).topP(0.9).build()))
          .containsExactly(0, 2);
    }
  }

  @Test
  void nanIsAnErrorThatNamesTheToken() {
    for (int at : new int[] {0, 127, 128, 299}) {
      float[] logits = new float[300];
      logits[at] = Float.NaN;
      for (SamplingParams way : WAYS) {
        assertThatThrownBy(() -> sample(logits, way, 0))
            .isInstanceOf(GptOssException.class)
            .hasMessageContaining("token id " + at + " of 300 is NaN");
      }
      assertThatThrownBy(() -> Sampler.logprobs(logits, 0, 300, 5, 2, workspace))
          .isInstanceOf(GptOssException.class);
    }
  }

  @Test
  void rowWithoutPossibleTokenIsAnError() {
    float[] logits = {-INFINITY, -INFINITY};
    for (SamplingParams way : WAYS) {
      assertThatThrownBy(() -> sample(logits, way, 0))
          .isInstanceOf(GptOssException.class)
          .hasMessageContaining("all 2 logits are -infinity");
    }
  }

  @Test
  void biasOutsideTheVocabularyIsAnError() {
    SamplingParams params = drawing().logitBias(LogitBias.of(Map.of(5, 1.0))).build();
    assertThatThrownBy(() -> sample(new float[5], params, 0)).hasMessageContaining("token id 5");
  }

  @Test
  void logprobsAreOfTheModelsOwnDistribution() {
    SplittableRandom random = new SplittableRandom(6);
    for (int size : new int[] {1, 3, 128, 1000, 5000}) {
      float[] logits = new float[size];
      for (int i = 0; i < size; i++) {
        logits[i] = (float) (20 * random.nextDouble());
      }
      double sum = 0;
      for (float logit : logits) {
        sum += StrictMath.exp(logit);
      }
      double logSum = StrictMath.log(sum);
      List<Integer> descending = new ArrayList<>(IntStream.range(0, size).boxed().toList());
      descending.sort((a, b) -> Float.compare(logits[b], logits[a]));

      int token = size / 2;
      SampledLogprobs result = Sampler.logprobs(logits, 0, size, token, 20, workspace);
      assertThat(result.chosen().token()).isEqualTo(token);
      assertThat(result.chosen().logprob())
          .isCloseTo((float) (logits[token] - logSum), within(1e-5f));
      assertThat(result.top()).hasSize(Math.min(20, size));
      for (int i = 0; i < result.top().size(); i++) {
        TokenLogprob top = result.top().get(i);
        assertThat(top.token()).isEqualTo(descending.get(i));
        assertThat(top.logprob()).isCloseTo((float) (logits[top.token()] - logSum), within(1e-5f));
      }
    }
  }

  @Test
  void logprobsOrderEqualsByIdAndLeaveImpossibleTokensImpossible() {
    float[] logits = {0, 1, -INFINITY, 1};
    SampledLogprobs result = Sampler.logprobs(logits, 0, 4, 2, 3, workspace);
    assertThat(result.chosen().logprob()).isEqualTo(-INFINITY);
    assertThat(result.top()).extracting(TokenLogprob::token).containsExactly(1, 3, 0);
    assertThat(Sampler.logprobs(logits, 0, 4, 1, 0, workspace).top()).isEmpty();
  }

  private List<Integer> kept(float[] logits, SamplingParams params) {
    double[] probs = distribution(logits, params);
    return IntStream.range(0, probs.length).filter(i -> probs[i] > 0).boxed().toList();
  }

  private double[] distribution(float[] logits, SamplingParams params) {
    double[] probs = new double[logits.length];
    Sampler.distribution(
        logits, 0, logits.length, params, new TokenHistory(logits.length), probs, workspace);
    return probs;
  }

  private int sample(float[] logits, SamplingParams params, long position) {
    return Sampler.sample(
        logits,
        0,
        logits.length,
        params,
        null,
        new TokenHistory(logits.length),
        position,
        workspace);
  }
}
