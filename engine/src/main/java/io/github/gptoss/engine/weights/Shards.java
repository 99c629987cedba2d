package io.github.gptoss.engine.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.json.StrictJson;
import io.github.gptoss.engine.tensor.SafetensorsFile;
import io.github.gptoss.engine.tensor.StoredTensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** A checkpoint's safetensors files, and the index that may say which tensor is in which. */
final class Shards {
  private static final int MAX_INDEX_BYTES = 16 << 20;

  private final CheckpointFolder folder;
  private final Path indexFile;

  /** Names of tensors and files; empty where there is no index. */
  private final Map<String, String> weightMap;

  private final List<SafetensorsFile> files;

  /** Reads the headers of all files; a folder in OpenAI's own form needs no index. */
  Shards(CheckpointFolder folder, boolean openAi) {
    this.folder = folder;
    this.indexFile = folder.file(CheckpointFolder.INDEX);
    this.weightMap = folder.has(CheckpointFolder.INDEX) ? weightMap() : Map.of();
    this.files = names(openAi).stream().map(this::shard).toList();
    requireDistinct();
  }

  List<SafetensorsFile> files() {
    return files;
  }

  /** Where a tensor that no file holds should be: as exactly as can be told, a file or folder. */
  Path place(String tensor) {
    String listed = weightMap.get(tensor);
    if (listed != null) {
      return folder.file(listed);
    }
    return files.size() == 1
        ? files.get(0).path()
        : weightMap.isEmpty() ? folder.path() : indexFile;
  }

  /**
   * Checks that the index agrees with the files, and that these hold nothing but tensors. To be
   * called when every tensor that the model needs has been found, or a lacking header entry would
   * show as a gap.
   */
  void requireConsistent() {
    if (!weightMap.isEmpty()) {
      requireIndexed();
    }
    files.forEach(SafetensorsFile::requireNoGap);
  }

  private Collection<String> names(boolean openAi) {
    if (!weightMap.isEmpty()) {
      TreeSet<String> names = new TreeSet<>(weightMap.values());
      if (folder.has(CheckpointFolder.SINGLE) && !names.contains(CheckpointFolder.SINGLE)) {
        throw CheckpointErrors.ambiguous(folder.file(CheckpointFolder.SINGLE), indexFile);
      }
      return names;
    }
    if (folder.has(CheckpointFolder.SINGLE)) {
      return List.of(CheckpointFolder.SINGLE);
    }
    if (!openAi) {
      throw CheckpointErrors.noWeights(folder.path(), folder.safetensors());
    }
    return folder.safetensors();
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
   * the owner of the folder, not by the author of the index.
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
    if (!weightMap.isEmpty() && !Files.exists(file)) {
      throw CheckpointErrors.noShard(file, indexFile);
    }
    return SafetensorsFile.read(file);
  }

  private void requireDistinct() {
    Map<String, Path> holders = new HashMap<>();
    for (SafetensorsFile file : files) {
      for (StoredTensor tensor : file.tensors()) {
        Path other = holders.put(tensor.name(), file.path());
        if (other != null) {
          throw CheckpointErrors.twice(tensor.name(), other, file.path());
        }
      }
    }
  }

  private void requireIndexed() {
    Map<String, Path> unlisted = new TreeMap<>();
    files.forEach(file -> file.tensors().forEach(t -> unlisted.put(t.name(), t.file())));
    weightMap.forEach(
        (tensor, name) -> {
          Path holder = unlisted.remove(tensor);
          if (holder == null) {
            throw CheckpointErrors.notInShard(folder.file(name), indexFile, tensor);
          }
          if (!holder.getFileName().toString().equals(name)) {
            throw CheckpointErrors.wrongShard(indexFile, tensor, name, holder);
          }
        });
    unlisted.forEach(
        (tensor, file) -> {
          throw CheckpointErrors.notInIndex(file, indexFile, tensor);
        });
  }
}
