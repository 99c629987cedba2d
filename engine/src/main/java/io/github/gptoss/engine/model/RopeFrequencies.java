package io.github.gptoss.engine.model;

/**
 * Rotary embedding's frequencies with YaRN. Periods, frequencies and angles are rounded to float32
 * where the reference implementations round them: at thousands of tokens one unit in the last place
 * of a frequency shows in the logits. Source: gpt_oss/torch/model.py RotaryEmbedding; Peng et al.,
 * YaRN, section 3.
 */
public final class RopeFrequencies {
  private final float[] inverse; // [headDim / 2]
  private final float concentration;

  public RopeFrequencies(ModelConfig config) {
    int half = config.headDim() / 2;
    RopeScaling rope = config.rope();
    double theta = config.ropeTheta();
    double factor = rope.factor();
    concentration = factor > 1 ? (float) (0.1 * Math.log(factor) + 1) : 1;
    inverse = new float[half];
    double low = dimensionOf(rope.betaFast(), rope.originalMaxPositions(), config.headDim(), theta);
    double high =
        dimensionOf(rope.betaSlow(), rope.originalMaxPositions(), config.headDim(), theta);
    if (rope.truncate()) {
      low = Math.floor(low);
      high = Math.ceil(high);
    }
    low = Math.max(low, 0);
    high = Math.min(high, config.headDim() - 1.0);
    if (low == high) {
      high += 0.001; // the ramp must have a slope
    }
    for (int i = 0; i < half; i++) {
      float period = (float) StrictMath.pow(theta, 2f * i / config.headDim());
      float ramp = Math.min(Math.max((i - (float) low) / (float) (high - low), 0), 1);
      float kept = 1 - ramp;
      inverse[i] = 1 / (rope.factor() * period) * (1 - kept) + 1 / period * kept;
    }
  }

  /** The dimension pair that turns {@code rotations} times within the original context. */
  private static double dimensionOf(double rotations, int positions, int headDim, double theta) {
    return headDim
        * StrictMath.log(positions / (rotations * 2 * Math.PI))
        / (2 * StrictMath.log(theta));
  }

  /** Pairs of a head: headDim / 2. */
  public int pairs() {
    return inverse.length;
  }

  /** Cosine of a pair's angle at a position, times the concentration. */
  public float cos(int position, int pair) {
    return (float) StrictMath.cos(position * inverse[pair]) * concentration;
  }

  /** Sine of a pair's angle at a position, times the concentration. */
  public float sin(int position, int pair) {
    return (float) StrictMath.sin(position * inverse[pair]) * concentration;
  }
}
