package io.github.gptoss.engine.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.json.StrictJson;
import io.github.gptoss.engine.tensor.SafetensorsFile;
import io.github.gptoss.engine.tensor.StoredTensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Finds a checkpoint's safetensors files and holds them against their index. */
final class Shards {
  private static final int MAX_INDEX_BYTES = 16 << 20;

  private final CheckpointFolder folder;
  private final Path indexFile;

  private Shards(CheckpointFolder folder) {
    this.folder = folder;
    this.indexFile = folder.file(CheckpointFolder.INDEX);
  }

  /**
   * Reads the headers of all files of the checkpoint.
   *
   * @param openAi whether the folder is in OpenAI's own form, whose files need no index
   */
  static List<SafetensorsFile> read(CheckpointFolder folder, boolean openAi) {
    return new Shards(folder).files(openAi);
  }

  private List<SafetensorsFile> files(boolean openAi) {
    if (folder.has(CheckpointFolder.INDEX)) {
      Map<String, String> weightMap = weightMap();
      TreeSet<String> names = new TreeSet<>(weightMap.values());
      if (folder.has(CheckpointFolder.SINGLE) && !names.contains(CheckpointFolder.SINGLE)) {
        throw CheckpointErrors.ambiguous(folder.file(CheckpointFolder.SINGLE), indexFile);
      }
      List<SafetensorsFile> files = names.stream().map(this::shard).toList();
      checkAgainst(weightMap, files);
      return files;
    }
    if (folder.has(CheckpointFolder.SINGLE)) {
      return List.of(SafetensorsFile.read(folder.file(CheckpointFolder.SINGLE)));
    }
    if (!openAi) {
      throw CheckpointErrors.noWeights(folder.path(), folder.safetensors());
    }
    List<SafetensorsFile> files =
        folder.safetensors().stream().map(name -> SafetensorsFile.read(folder.file(name))).toList();
    checkDistinct(files);
    return files;
  }

  private Map<String, String> weightMap() {
    ObjectNode index =
        StrictJson.parseObject(indexFile, StrictJson.bytes(indexFile, MAX_INDEX_BYTES));
    if (!(index.get("weight_map") instanceof ObjectNode map) || map.isEmpty()) {
      throw CheckpointErrors.noWeightMap(indexFile);
    }
    Map<String, String> weightMap = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : map.properties()) {
      if (!entry.getValue().isTextual()) {
        throw CheckpointErrors.indexEntry(indexFile, entry.getKey(), entry.getValue().toString());
      }
      weightMap.put(entry.getKey(), fileName(entry.getKey(), entry.getValue().textValue()));
    }
    return weightMap;
  }

  /**
   * A shard must be a plain name, so that an index cannot point out of its folder. The file of that
   * name may be a link to elsewhere: the hub's cache is made of such links, and they are made by
   * whoever owns the folder, not by whoever wrote the index.
   */
  private String fileName(String tensor, String name) {
    boolean isPlain =
        name.endsWith(".safetensors")
            && name.indexOf('/') < 0
            && name.indexOf('\\') < 0
            && name.indexOf(':') < 0
            && name.indexOf('\0') < 0;
    if (!isPlain) {
      throw CheckpointErrors.indexEscape(indexFile, tensor, name);
    }
    return name;
  }

  private SafetensorsFile shard(String name) {
    Path file = folder.file(name);
    if (!Files.exists(file)) {
      throw CheckpointErrors.noShard(file, indexFile);
    }
    return SafetensorsFile.read(file);
  }

  private void checkAgainst(Map<String, String> weightMap, List<SafetensorsFile> files) {
    Map<String, Path> found = checkDistinct(files);
    weightMap.forEach(
        (tensor, name) -> {
          Path holder = found.remove(tensor);
          if (holder == null) {
            throw CheckpointErrors.notInShard(folder.file(name), indexFile, tensor);
          }
          if (!holder.getFileName().toString().equals(name)) {
            throw CheckpointErrors.wrongShard(indexFile, tensor, name, holder);
          }
        });
    if (!found.isEmpty()) {
      Map.Entry<String, Path> unlisted = new TreeMap<>(found).firstEntry();
      throw CheckpointErrors.notInIndex(unlisted.getValue(), indexFile, unlisted.getKey());
    }
  }

  /** Which file holds which tensor. */
  private static Map<String, Path> checkDistinct(List<SafetensorsFile> files) {
    Map<String, Path> holders = new HashMap<>();
    for (SafetensorsFile file : files) {
      for (StoredTensor tensor : file.tensors()) {
        Path other = holders.put(tensor.name(), file.path());
        if (other != null) {
          throw CheckpointErrors.twice(tensor.name(), other, file.path());
        }
      }
    }
    return holders;
  }
}
