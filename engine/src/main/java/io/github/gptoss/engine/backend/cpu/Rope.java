package io.github.gptoss.engine.backend.cpu;

import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.model.RopeFrequencies;

/** Rotary embedding: cosines and sines once a step. */
final class Rope {
  private final int half;
  private final RopeFrequencies frequencies;

  private float[] cosines = new float[0]; // [T, half], concentration applied
  private float[] sines = new float[0];

  Rope(ModelConfig config) {
    frequencies = new RopeFrequencies(config);
    half = frequencies.pairs();
  }

  /** Computes the angles of a step's positions, [T]. */
  void begin(int[] positions, int tokens) {
    if (cosines.length < tokens * half) {
      cosines = new float[tokens * half];
      sines = new float[tokens * half];
    }
    for (int t = 0; t < tokens; t++) {
      for (int i = 0; i < half; i++) {
        cosines[t * half + i] = frequencies.cos(positions[t], i);
        sines[t * half + i] = frequencies.sin(positions[t], i);
      }
    }
  }

  /** Rotates one head of row t, pairs (d, d + headDim / 2), and multiplies it by the factor. */
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
