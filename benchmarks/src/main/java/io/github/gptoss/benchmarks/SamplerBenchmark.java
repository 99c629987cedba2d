package io.github.gptoss.benchmarks;

import io.github.gptoss.engine.sampling.SampledLogprobs;
import io.github.gptoss.engine.sampling.Sampler;
import io.github.gptoss.engine.sampling.SamplingParams;
import io.github.gptoss.engine.sampling.TokenHistory;
import io.github.gptoss.engine.sampling.TokenSet;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One row of logits of the whole vocabulary, one thread. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class SamplerBenchmark {
  private static final int VOCABULARY = 201_088;

  /** About the spread that the logits of gpt-oss have. */
  private static final double SPREAD = 3;

  private static final int HISTORY_TOKENS = 2048;

  /** What a request may ask for. */
  public enum Parameters {
    GREEDY,
    TEMPERATURE,
    TOP_P,
    TOP_K,
    MIN_P,
    PENALTIES;

    SamplingParams params() {
      SamplingParams.Builder builder = SamplingParams.builder().temperature(1).seed(5);
      SamplingParams.Builder chosen =
          switch (this) {
            case GREEDY -> builder.temperature(0);
            case TEMPERATURE -> builder.temperature(0.8);
            case TOP_P -> builder.topP(0.95);
            case TOP_K -> builder.topK(50);
            case MIN_P -> builder.minP(0.05);
            case PENALTIES -> builder.repetitionPenalty(1.1).presencePenalty(0.5).topP(0.95);
          };
      return chosen.build();
    }
  }

  /** How to choose; apart, since {@link #logprobs} does not depend on it. */
  @State(Scope.Thread)
  public static class Choice {
    @Param public Parameters parameters;

    private SamplingParams params;

    @Setup
    public void create() {
      params = parameters.params();
    }
  }

  private final float[] logits = new float[VOCABULARY];
  private final TokenSet allowed = new TokenSet(VOCABULARY);
  private final TokenHistory history = new TokenHistory(VOCABULARY);
  private final Sampler.Workspace workspace = new Sampler.Workspace();
  private long position;

  @Setup
  public void create() {
    Random random = new Random(6);
    for (int i = 0; i < VOCABULARY; i++) {
      logits[i] = (float) (random.nextGaussian() * SPREAD);
    }
    random.ints(VOCABULARY / 2, 0, VOCABULARY).forEach(allowed::add);
    for (int i = 0; i < HISTORY_TOKENS; i++) {
      history.addOutput(random.nextInt(VOCABULARY));
    }
  }

  @Benchmark
  public int sample(Choice choice) {
    return Sampler.sample(
        logits, 0, VOCABULARY, choice.params, null, history, position++, workspace);
  }

  /** Under a mask of about two tokens in five at random, which no branch could predict. */
  @Benchmark
  public int sampleAllowed(Choice choice) {
    return Sampler.sample(
        logits, 0, VOCABULARY, choice.params, allowed, history, position++, workspace);
  }

  /** Log-probabilities of the chosen token and five alternatives. */
  @Benchmark
  public SampledLogprobs logprobs() {
    return Sampler.logprobs(logits, 0, VOCABULARY, 17, 5, workspace);
  }
}
