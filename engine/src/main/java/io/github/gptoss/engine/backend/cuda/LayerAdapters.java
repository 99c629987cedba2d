package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.lora.LoraAdapter;
import io.github.gptoss.engine.lora.LowRank;
import io.github.gptoss.engine.lora.Target;
import java.util.List;

/** What adapters add to a layer's products; null where none adds anything. */
record LayerAdapters(AdapterSite qkv, AdapterSite output, AdapterSite gateUp, AdapterSite down) {
  static final LayerAdapters NONE = new LayerAdapters(null, null, null, null);

  static LayerAdapters load(
      List<LoraAdapter> adapters, int layer, int headDim, WeightLoader loader) {
    return new LayerAdapters(
        AdapterSite.load(adapters, layer, headDim, loader, Target.Q, Target.K, Target.V),
        AdapterSite.load(adapters, layer, headDim, loader, Target.O),
        AdapterSite.load(adapters, layer, headDim, loader, Target.GATE_UP),
        AdapterSite.load(adapters, layer, headDim, loader, Target.DOWN));
  }

  /** The most that a loader has to take as a whole. */
  static long largestBytes(List<LoraAdapter> adapters, int layers, int headDim) {
    long largest = 0;
    for (LoraAdapter adapter : adapters) {
      for (int l = 0; l < layers; l++) {
        for (LowRank low : adapter.layer(l).values()) {
          largest = Math.max(largest, WeightLoader.wholeBytes(low, headDim));
        }
      }
    }
    return largest;
  }
}
