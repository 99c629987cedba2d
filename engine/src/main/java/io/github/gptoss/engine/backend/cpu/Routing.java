package io.github.gptoss.engine.backend.cpu;

import java.util.Arrays;

/** The experts that a step's rows chose; an expert's pairs have consecutive slots in row order. */
final class Routing {
  private final int experts;
  private final int perToken;
  private int tokens;
  private int[] chosen = new int[0]; // [T, K], by falling logit
  private float[] weights = new float[0]; // [T, K]
  private int[] slots = new int[0]; // [T, K]
  private int[] slotTokens = new int[0]; // [T * K]
  private final int[] starts; // [E + 1]
  private final int[] active; // experts with at least one pair
  private int activeCount;

  Routing(int experts, int perToken) {
    this.experts = experts;
    this.perToken = perToken;
    starts = new int[experts + 1];
    active = new int[experts];
  }

  void begin(int tokens) {
    this.tokens = tokens;
    int pairs = tokens * perToken;
    if (chosen.length < pairs) {
      chosen = new int[pairs];
      weights = new float[pairs];
      slots = new int[pairs];
      slotTokens = new int[pairs];
    }
  }

  /** Chooses a row's experts from its router logits [E]; the logits are used up. */
  void choose(int token, float[] logits, int offset) {
    int pair = token * perToken;
    for (int k = 0; k < perToken; k++) {
      int best = 0;
      for (int e = 1; e < experts; e++) {
        // Strictly greater keeps the lowest index on ties; taken ones are NaN and never win.
        if (logits[offset + e] > logits[offset + best] || Float.isNaN(logits[offset + best])) {
          best = e;
        }
      }
      chosen[pair + k] = best;
      weights[pair + k] = logits[offset + best];
      logits[offset + best] = Float.NaN;
    }
    float max = weights[pair];
    float sum = 0;
    for (int k = 0; k < perToken; k++) {
      weights[pair + k] = ScalarMath.exp(weights[pair + k] - max);
      sum += weights[pair + k];
    }
    for (int k = 0; k < perToken; k++) {
      weights[pair + k] /= sum;
    }
  }

  /** Gives every pair its slot once all rows have chosen: a stable counting sort by expert. */
  void group() {
    Arrays.fill(starts, 0);
    int pairs = tokens * perToken;
    for (int p = 0; p < pairs; p++) {
      starts[chosen[p] + 1]++;
    }
    activeCount = 0;
    for (int e = 0; e < experts; e++) {
      if (starts[e + 1] > 0) {
        active[activeCount++] = e;
      }
      starts[e + 1] += starts[e];
    }
    int[] next = Arrays.copyOf(starts, experts);
    for (int p = 0; p < pairs; p++) {
      int slot = next[chosen[p]]++;
      slots[p] = slot;
      slotTokens[slot] = p / perToken;
    }
  }

  /** First slots of all experts and, last, the number of pairs, [E + 1]. */
  int[] starts() {
    return starts;
  }

  int activeExperts() {
    return activeCount;
  }

  int activeExpert(int index) {
    return active[index];
  }

  /** First slot of an expert; its last is before {@code start(expert + 1)}. */
  int start(int expert) {
    return starts[expert];
  }

  /** The row that a slot's pair belongs to. */
  int token(int slot) {
    return slotTokens[slot];
  }

  /** Slot of a row's k-th best expert. */
  int slot(int token, int k) {
    return slots[token * perToken + k];
  }

  float weight(int token, int k) {
    return weights[token * perToken + k];
  }
}
