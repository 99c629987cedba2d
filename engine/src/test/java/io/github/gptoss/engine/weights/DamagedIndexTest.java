package io.github.gptoss.engine.weights;

import java.nio.file.Files;
import java.nio.file.StandardCopyOption;

/** Indexes that do not fit their shards. */
class DamagedIndexTest extends DamageCases {
  @Override
  void cases() {
    indexes();
  }

  private void indexes() {
    damage(
        "shard missing",
        GoldenModels.SHARDED,
        dir -> Files.delete(dir.resolve(SHARD_1)),
        SHARD_1,
        "no such file",
        INDEX);
    damage(
        "shard cut",
        GoldenModels.SHARDED,
        dir -> resize(dir.resolve(SHARD_1), -1),
        SHARD_1,
        "cut short");
    damage(
        "index missing",
        GoldenModels.SHARDED,
        dir -> Files.delete(dir.resolve(INDEX)),
        SHARD_0,
        INDEX);
    damage(
        "index broken",
        GoldenModels.SHARDED,
        dir -> Files.writeString(dir.resolve(INDEX), "{\"weight_map\":"),
        INDEX,
        "not valid JSON");
    damage(
        "index without map",
        GoldenModels.SHARDED,
        dir -> Files.writeString(dir.resolve(INDEX), "{}"),
        "no 'weight_map'");
    damage(
        "index of an array",
        GoldenModels.SHARDED,
        dir -> Files.writeString(dir.resolve(INDEX), "{\"weight_map\": []}"),
        "no 'weight_map'");
    damage(
        "both forms",
        GoldenModels.SHARDED,
        dir -> Files.copy(dir.resolve(SHARD_0), dir.resolve(WEIGHTS)),
        WEIGHTS,
        INDEX,
        "two checkpoints");
    index(
        "escape upwards",
        map -> map.put(SINKS, "../" + SHARD_0),
        SINKS,
        "'../" + SHARD_0 + "'",
        "plain name");
    index("escape below", map -> map.put(SINKS, "sub/" + SHARD_0), "plain name");
    index("escape by backslash", map -> map.put(SINKS, "..\\" + SHARD_0), "plain name");
    index("absolute path", map -> map.put(SINKS, "/etc/passwd"), "'/etc/passwd'", "plain name");
    index(
        "not a safetensors file",
        map -> map.put(SINKS, "config.json"),
        "'config.json'",
        "plain name");
    index("shard is a number", map -> map.put(SINKS, 3), SINKS, "mapped to 3");
    index(
        "shard that is not there",
        map -> map.put(SINKS, "model-00009-of-00002.safetensors"),
        "model-00009-of-00002.safetensors",
        "no such file");
    index(
        "wrong shard",
        map -> map.put(SINKS, SHARD_0),
        "'" + SINKS + "' is mapped to '" + SHARD_0 + "'",
        "model-00002-of-00002.safetensors");
    index(
        "tensor in no shard",
        map -> map.put("model.layers.0.extra", SHARD_0),
        SHARD_0,
        "'model.layers.0.extra' is missing");
    index("tensor not listed", map -> map.remove(SINKS), "'" + SINKS + "' is not listed", INDEX);
    damage(
        "tensor in two shards",
        GoldenModels.SHARDED,
        dir -> change(dir.resolve(SHARD_1), r -> r.append(SINKS, "BF16", 12, 6)),
        "'" + SINKS + "' is also in");
    damage(
        "tensors swapped between models",
        GoldenModels.SHARDED,
        dir ->
            Files.copy(
                GoldenModels.path(GoldenModels.SINGLE).resolve(WEIGHTS),
                dir.resolve(SHARD_1),
                StandardCopyOption.REPLACE_EXISTING),
        "is");
  }
}
