package io.github.gptoss.engine.backend.cuda;

import java.util.Arrays;

/**
 * Which layers each of several devices has: a range each, as balanced in bytes as whole layers
 * allow. Starts [devices + 1] are the first layers.
 */
record LayerSplit(WeightBytes weights, int[] starts) {
  /**
   * The split that leaves the fullest of devices with so much memory as much of it as possible. The
   * embedding is with the first layer, the unembedding with the last.
   */
  static LayerSplit of(WeightBytes weights, long[] memoryBytes) {
    int devices = memoryBytes.length;
    int layers = weights.layers();
    // share[d][l]: the least largest share of its memory that a device needs, if the first d + 1
    // have
    // the first l layers; a device may have none.
    double[][] share = new double[devices][layers + 1];
    int[][] from = new int[devices][layers + 1];
    for (int d = 0; d < devices; d++) {
      Arrays.fill(share[d], Double.MAX_VALUE);
      for (int to = 0; to <= layers; to++) {
        for (int start = d == 0 ? to : 0; start <= to; start++) {
          int first = d == 0 ? 0 : start;
          double used = (double) bytes(weights, d, devices, first, to) / memoryBytes[d];
          double worst = d == 0 ? used : Math.max(share[d - 1][first], used);
          if (worst < share[d][to]) {
            share[d][to] = worst;
            from[d][to] = first;
          }
        }
      }
    }
    int[] starts = new int[devices + 1];
    starts[devices] = layers;
    for (int d = devices - 1; d >= 0; d--) {
      starts[d] = from[d][starts[d + 1]];
    }
    return new LayerSplit(weights, starts);
  }

  private static long bytes(WeightBytes weights, int device, int devices, int from, int to) {
    return (to - from) * weights.layer()
        + weights.adapters().between(from, to)
        + (device == 0 ? weights.embedding() : 0)
        + (device == devices - 1 ? weights.unembedding() : 0);
  }

  int devices() {
    return starts.length - 1;
  }

  /** First layer of a device. */
  int from(int device) {
    return starts[device];
  }

  /** The layer after a device's last. */
  int to(int device) {
    return starts[device + 1];
  }

  int deviceOf(int layer) {
    int device = 0;
    while (layer >= starts[device + 1]) {
      device++;
    }
    return device;
  }

  /** Weights on a device, its layers' adapters included. */
  long bytes(int device) {
    return bytes(weights, device, devices(), from(device), to(device));
  }

  /** Adapters of a device's layers. */
  long adapterBytes(int device) {
    return weights.adapters().between(from(device), to(device));
  }
}
