package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.lora.LoraAdapter;
import io.github.gptoss.engine.lora.LowRank;
import java.util.Arrays;
import java.util.List;

/**
 * Bytes of device memory that all adapters together take in fragments, by layer, and what their
 * products have to have room for.
 *
 * @param layers [layers]
 * @param rank the largest of any matrix, in whole tiles; 0 where there is no adapter
 */
record AdapterBytes(long[] layers, int rank) {
  static AdapterBytes none(int layers) {
    return new AdapterBytes(new long[layers], 0);
  }

  static AdapterBytes of(List<LoraAdapter> adapters, int layers) {
    long[] bytes = new long[layers];
    int rank = 0;
    for (LoraAdapter adapter : adapters) {
      rank = Math.max(rank, adapter.maxRank());
      for (int l = 0; l < layers; l++) {
        for (LowRank low : adapter.layer(l).values()) {
          bytes[l] += Fragments.bytesOfA(low) + Fragments.bytesOfB(low);
        }
      }
    }
    for (int l = 0; l < layers; l++) {
      if (bytes[l] > 0) {
        bytes[l] += AdapterSite.tableBytes(adapters.size());
      }
    }
    return new AdapterBytes(bytes, Fragments.upToTiles(rank));
  }

  /** Of the layers from {@code from} to before {@code to}. */
  long between(int from, int to) {
    return Arrays.stream(layers, from, to).sum();
  }
}
