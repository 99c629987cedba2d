package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.lora.LoraAdapter;
import io.github.gptoss.engine.lora.LowRank;
import io.github.gptoss.engine.lora.Target;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.BitSet;
import java.util.List;

/**
 * What all adapters add to one product of a layer, whose rows are those of its targets, one below
 * the other.
 *
 * @param matrices [adapters][targets] of lora.cu's LowRank
 * @param targets how many
 * @param changes numbers of the adapters that add anything, from 1 on
 */
record AdapterSite(DeviceMemory matrices, int targets, BitSet changes) {
  /** Of lora.cu's LowRank: two pointers, tiles of the rank, scale. */
  private static final int ENTRY_BYTES = 24;

  /** Bytes of the tables of one layer's sites. */
  static long tableBytes(int adapters) {
    return (long) ENTRY_BYTES * adapters * Target.values().length;
  }

  /** Brings the matrices of a layer to the loader's device; null where no adapter has one. */
  static AdapterSite load(
      List<LoraAdapter> adapters, int layer, int headDim, WeightLoader loader, Target... targets) {
    ByteBuffer table =
        ByteBuffer.allocate(ENTRY_BYTES * adapters.size() * targets.length)
            .order(ByteOrder.nativeOrder());
    BitSet changes = new BitSet();
    for (int i = 0; i < adapters.size(); i++) {
      for (Target target : targets) {
        LowRank low = adapters.get(i).layer(layer).get(target);
        if (low == null) {
          table.put(new byte[ENTRY_BYTES]);
          continue;
        }
        changes.set(i + 1);
        low.requireFinite();
        DeviceMemory a = loader.lowRankA(low);
        DeviceMemory b = loader.lowRankB(low, target, headDim);
        table.putLong(a.address()).putLong(b.address());
        table.putInt(Fragments.upToTiles(low.rank()) / Fragments.TILE_ROWS).putFloat(low.scale());
      }
    }
    return changes.isEmpty()
        ? null
        : new AdapterSite(
            loader.bytes("a table of adapters", table.flip()), targets.length, changes);
  }

  /** Whether one of these adapters adds anything. */
  boolean changes(BitSet adapters) {
    return changes.intersects(adapters);
  }
}
