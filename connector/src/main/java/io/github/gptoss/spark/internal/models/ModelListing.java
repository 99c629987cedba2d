package io.github.gptoss.spark.internal.models;

import java.util.List;

/**
 * The files of a model at its source.
 *
 * @param version the commit, or a digest over names, lengths, times and entity tags
 * @param files the files that a checkpoint needs, sorted by name
 */
record ModelListing(String version, List<ModelFile> files) {
  private static final int MAX_NAME_LENGTH = 200;

  /** What a LoRA adapter has for a config.json. */
  private static final String ADAPTER = "adapter_config.json";

  ModelListing {
    files = List.copyOf(files);
  }

  long bytes() {
    return files.stream().mapToLong(ModelFile::bytes).sum();
  }

  /**
   * Whether a checkpoint or an adapter needs a file of this name. The tokenizer is part of the
   * engine.
   */
  static boolean isNeeded(String name) {
    return name.equals("config.json")
        || name.equals(ADAPTER)
        || name.equals("generation_config.json")
        || name.endsWith(".safetensors")
        || name.endsWith(".safetensors.index.json");
  }

  /** Whether the name is that of a file or folder, and cannot lead out of its parent folder. */
  static boolean isPlainName(String name) {
    return !name.isEmpty()
        && name.length() <= MAX_NAME_LENGTH
        && !name.startsWith(".")
        && name.chars()
            .noneMatch(c -> c == '/' || c == '\\' || c == ':' || Character.isISOControl(c));
  }

  /**
   * Returns this listing.
   *
   * @throws io.github.gptoss.engine.error.InvalidModelException if a file is missing that every
   *     checkpoint has
   */
  ModelListing checked(String address) {
    if (files.stream()
        .noneMatch(file -> file.name().equals("config.json") || file.name().equals(ADAPTER))) {
      throw ModelErrors.lacks(address, "config.json");
    }
    if (files.stream().noneMatch(file -> file.name().endsWith(".safetensors"))) {
      throw ModelErrors.lacks(address, "safetensors file");
    }
    return this;
  }
}
