package io.github.gptoss.engine.backend.cpu;

import io.github.gptoss.engine.lora.LoraAdapter;
import io.github.gptoss.engine.lora.Target;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** One adapter's packed matrices, by layer and by what they are added to. */
record CpuAdapter(List<Map<Target, AdapterMatrix>> layers, int maxRank) {
  static CpuAdapter load(LoraAdapter adapter, int layers, Workers workers) {
    AdapterMatrix[][] packed = new AdapterMatrix[layers][Target.values().length];
    workers.run(
        layers,
        Long.MAX_VALUE,
        (layer, worker) ->
            adapter
                .layer(layer)
                .forEach(
                    (target, low) ->
                        packed[layer][target.ordinal()] =
                            AdapterMatrix.load(low, target == Target.GATE_UP)));
    return new CpuAdapter(
        List.of(packed).stream().map(CpuAdapter::byTarget).toList(), adapter.maxRank());
  }

  /** Bytes of the heap that {@link #load} makes of it. */
  static long bytes(LoraAdapter adapter, int layers) {
    return IntStream.range(0, layers)
        .mapToObj(adapter::layer)
        .flatMap(layer -> layer.values().stream())
        .mapToLong(AdapterMatrix::bytes)
        .sum();
  }

  private static Map<Target, AdapterMatrix> byTarget(AdapterMatrix[] matrices) {
    Map<Target, AdapterMatrix> map = new EnumMap<>(Target.class);
    for (Target target : Target.values()) {
      if (matrices[target.ordinal()] != null) {
        map.put(target, matrices[target.ordinal()]);
      }
    }
    return map;
  }

  /** Null where it changes nothing there. */
  AdapterMatrix matrix(int layer, Target target) {
    return layers.get(layer).get(target);
  }
}
