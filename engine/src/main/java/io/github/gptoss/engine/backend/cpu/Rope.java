package io.github.gptoss.engine.backend.cpu;

import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.model.RopeScaling;

/**
 * Rotary embedding with YaRN: frequencies once, cosines and sines once a step. Periods, frequencies
 * and angles are rounded to float32 where the reference implementations round them: at thousands of
 * tokens one unit in the last place of a frequency shows in the logits. Source:
 * gpt_oss/torch/model.py RotaryEmbedding; Peng et al., YaRN, section 3.
 */
final class Rope {
  private final int half;
  private final float[] inverseFrequencies; // [half]
  private final float concentration;

  private float[] cosines = new float[0]; // [T, half], concentration applied
  private float[] sines = new float[0];

  Rope(ModelConfig config) {
    half = config.headDim() / 2;
    RopeScaling rope = config.rope();
    double theta = config.ropeTheta();
    double factor = rope.factor();
    concentration = factor > 1 ? (float) (0.1 * Math.log(factor) + 1) : 1;
    inverseFrequencies = new float[half];
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
      inverseFrequencies[i] = 1 / (rope.factor() * period) * (1 - kept) + 1 / period * kept;
    }
  }

  /** The dimension pair that turns {@code rotations} times within the original context. */
  private static double dimensionOf(double rotations, int positions, int headDim, double theta) {
    return headDim
        * StrictMath.log(positions / (rotations * 2 * Math.PI))
        / (2 * StrictMath.log(theta));
  }

  /** Computes the angles of a step's positions, [T]. */
  void begin(int[] positions, int tokens) {
    if (cosines.length < tokens * half) {
      cosines = new float[tokens * half];
      sines = new float[tokens * half];
    }
    for (int t = 0; t < tokens; t++) {
      for (int i = 0; i < half; i++) {
        float angle = positions[t] * inverseFrequencies[i];
        cosines[t * half + i] = (float) StrictMath.cos(angle) * concentration;
        sines[t * half + i] = (float) StrictMath.sin(angle) * concentration;
      }
    }
  }

  /**
   * Rotates one head of row {@code t}: pairs are (d, d + headDim / 2).
   *
   * @param factor multiplies the result
   */
  void rotate(float[] head, int offset, int t, float factor) {
    for (int i = 0; i < half; i++) {
      float cos = cosines[t * half + i];
      float sin = sines[t * half + i];
      float a = head[offset + i];
      float b = head[offset + half + i];
      head[offset + i] = (a * cos - b * sin) * factor;
      head[offset + half + i] = (b * cos + a * sin) * factor;
    }
  }
}
