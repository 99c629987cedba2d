package io.github.gptoss.engine.sampling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Chooses tokens. Every function is pure in its arguments: a row's token depends neither on the
 * batch nor on the thread.
 *
 * <p>A row is {@code length} float32 logits from {@code offset}, one per token id; it is not
 * changed. NaN, or no logit above -infinity, is a {@link
 * io.github.gptoss.engine.error.GptOssException}; +infinite logits share all probability.
 */
public final class Sampler {
  private Sampler() {}

  /** Buffers that calls reuse: one per thread. They grow to the largest vocabulary seen. */
  public static final class Workspace {
    private final LogitsRow row = new LogitsRow();
    private final Candidates candidates = new Candidates();
  }

  /** Whether a row can be sampled from: no NaN, and at least one logit above -infinity. */
  public static boolean isUsable(float[] logits, int offset, int length) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = offset; i < offset + length; i++) {
      max = Math.max(max, logits[i]); // NaN prevails
    }
    return max > Float.NEGATIVE_INFINITY;
  }

  /**
   * The row's next token: the likeliest (the lowest id among equals) if greedy, else drawn by
   * inverse CDF over ids with Philox(seed, position).
   *
   * @param allowed the tokens to choose from; null for all
   * @param history prompt and output so far; looked at only if {@link SamplingParams#usesHistory}
   * @param position the index of the new token in the sequence, so that every draw differs
   */
  public static int sample(
      float[] logits,
      int offset,
      int length,
      SamplingParams params,
      TokenSet allowed,
      TokenHistory history,
      long position,
      Workspace workspace) {
    if (params.greedy()) {
      return greedy(logits, offset, length, params, allowed, history, workspace.row);
    }
    LogitsRow row = workspace.row;
    Candidates candidates = workspace.candidates;
    prepare(row, logits, offset, length, params, allowed, history);
    if (truncate(row, candidates, params)) {
      return candidates.draw(target(params.seed(), position, candidates.totalQuanta()));
    }
    return row.draw(target(params.seed(), position, row.totalQuanta()));
  }

  /** The distribution that {@link #sample} draws from; probabilities below 1e-45 may be zero. */
  public static void distribution(
      float[] logits,
      int offset,
      int length,
      SamplingParams params,
      TokenHistory history,
      double[] probs,
      Workspace workspace) {
    LogitsRow row = workspace.row;
    Candidates candidates = workspace.candidates;
    Arrays.fill(probs, 0, length, 0);
    if (params.greedy()) {
      probs[greedy(logits, offset, length, params, null, history, row)] = 1;
      return;
    }
    prepare(row, logits, offset, length, params, null, history);
    if (truncate(row, candidates, params)) {
      candidates.probabilities(row, LogitsRow.mass(candidates.totalQuanta()), probs);
    } else {
      row.probabilities(LogitsRow.mass(row.totalQuanta()), probs);
    }
  }

  /**
   * Log-probabilities, in nats, of the model's own distribution, before penalties, bias and
   * temperature: of the chosen token and of so many of the likeliest.
   */
  public static SampledLogprobs logprobs(
      float[] logits, int offset, int length, int token, int top, Workspace workspace) {
    Objects.checkIndex(token, length);
    LogitsRow row = workspace.row;
    row.load(logits, offset, length);
    row.findMax(1);
    double logMass = logMass(row.totalQuanta());
    List<TokenLogprob> alternatives = new ArrayList<>(top);
    if (top > 0) {
      int count = Math.min(top, length);
      Candidates candidates = workspace.candidates;
      candidates.gather(row, candidates.boundOfTop(row, count));
      for (long key : candidates.topKeys(row, count)) {
        alternatives.add(logprob(row, Candidates.idOf(key), logMass));
      }
    }
    return new SampledLogprobs(logprob(row, token, logMass), List.copyOf(alternatives));
  }

  /**
   * Probabilities of the allowed tokens in the model's own distribution over them.
   *
   * @param allowed null for all
   * @param chosen one of the allowed tokens
   * @param least tokens of a smaller probability are left out
   */
  public static TokenWeights weights(
      float[] logits,
      int offset,
      int length,
      TokenSet allowed,
      int chosen,
      double least,
      Workspace workspace) {
    LogitsRow row = workspace.row;
    row.load(logits, offset, length);
    if (allowed != null) {
      row.keepOnly(allowed);
    }
    row.findMax(1);
    double mass = LogitsRow.mass(row.totalQuanta());
    Candidates candidates = workspace.candidates;
    // Bounded from below too, or a mass that is far from 1 would make the bound of a weight 0.
    candidates.gather(row, row.boundOfWeight(Math.max(least * mass, Double.MIN_NORMAL)));
    candidates.weigh(row);
    return candidates.probabilities(row, mass, chosen, least);
  }

  /**
   * What {@link #weights} tells, from what a device finds of a row: the tokens of at least the
   * probability that was asked for, ascending, with their values, and the chosen token's.
   *
   * @param max the largest value of a token that is allowed
   * @param quanta of all tokens that are allowed
   */
  public static TokenWeights weights(
      int[] tokens, float[] values, float max, long quanta, float chosen) {
    double mass = LogitsRow.mass(quanta);
    double[] probabilities = new double[tokens.length];
    for (int i = 0; i < tokens.length; i++) {
      probabilities[i] = probability(values[i], max, mass);
    }
    return new TokenWeights(tokens, probabilities, probability(chosen, max, mass));
  }

  private static double probability(float value, float max, double mass) {
    double exponent = (double) value - max;
    return exponent > Exp.LOWEST ? Exp.exp(exponent) / mass : 0;
  }

  /** The logarithm of a sum of weights, which a device too takes in quanta. */
  public static double logMass(long quanta) {
    return StrictMath.log(LogitsRow.mass(quanta));
  }

  /** What {@link #logprobs} tells of a token of a row with this largest logit. */
  public static TokenLogprob logprob(int token, float logit, float max, double logMass) {
    return new TokenLogprob(token, (float) ((double) logit - max - logMass));
  }

  private static TokenLogprob logprob(LogitsRow row, int token, double logMass) {
    return logprob(token, row.value(token), row.max(), logMass);
  }

  private static int greedy(
      float[] logits,
      int offset,
      int length,
      SamplingParams params,
      TokenSet allowed,
      TokenHistory history,
      LogitsRow row) {
    if (!params.adjustsLogits() && allowed == null) {
      return LogitsRow.argmax(logits, offset, length);
    }
    load(row, logits, offset, length, params, allowed, history);
    return row.argmax();
  }

  private static void prepare(
      LogitsRow row,
      float[] logits,
      int offset,
      int length,
      SamplingParams params,
      TokenSet allowed,
      TokenHistory history) {
    load(row, logits, offset, length, params, allowed, history);
    row.findMax(params.temperature());
  }

  private static void load(
      LogitsRow row,
      float[] logits,
      int offset,
      int length,
      SamplingParams params,
      TokenSet allowed,
      TokenHistory history) {
    row.load(logits, offset, length);
    row.adjust(params, history);
    if (allowed != null) {
      row.keepOnly(allowed);
    }
  }

  /** Applies min_p, top_k and top_p; false where all tokens stay. */
  private static boolean truncate(LogitsRow row, Candidates candidates, SamplingParams params) {
    boolean topK = params.topK() > 0 && params.topK() < row.size();
    boolean minP = params.minP() > 0;
    boolean topP = params.topP() < 1;
    if (topK || minP) {
      // Either keeps a set of the likeliest, so both together keep what each of them keeps, in any
      // order, and no other token need be weighed.
      float cut = topK ? candidates.boundOfTop(row, params.topK()) : Float.NEGATIVE_INFINITY;
      if (minP) {
        cut = Math.max(cut, row.boundOfWeight(params.minP()));
      }
      candidates.gather(row, cut);
      if (topK) {
        candidates.keepTop(row, params.topK());
      }
      candidates.weigh(row);
      if (minP) {
        candidates.keepMinP(params.minP());
      }
      if (topP) {
        candidates.keepTopP(row, params.topP(), candidates.totalQuanta());
      }
    } else if (topP) {
      // Tokens this improbable go even if every token of the vocabulary is one.
      long total = row.totalQuanta();
      double improbable = LogitsRow.mass(total) * (1 - params.topP()) / row.size();
      candidates.gather(row, row.boundOfWeight(improbable));
      candidates.weigh(row);
      candidates.keepTopP(row, params.topP(), total);
    }
    return topK || minP || topP;
  }

  /** A uniform integer from 0, below the total: the high half of a 128-bit product. */
  private static long target(long seed, long position, long total) {
    return Math.multiplyHigh(Philox.bits(seed, position) >>> 1, total << 1);
  }
}
