package io.github.gptoss.spark.model;

import java.util.List;

/**
 * What a model consists of at its source.
 *
 * @param version of the content: the commit, or a digest over names, lengths, times and entity tags
 * @param files only those that a checkpoint needs, by name
 */
record ModelListing(String version, List<ModelFile> files) {
  private static final int MAX_NAME_LENGTH = 200;

  ModelListing {
    files = List.copyOf(files);
  }

  long bytes() {
    return files.stream().mapToLong(ModelFile::bytes).sum();
  }

  /** Whether a file of this name belongs to a checkpoint; tokenizers are built into the engine. */
  static boolean isNeeded(String name) {
    return name.equals("config.json")
        || name.equals("generation_config.json")
        || name.endsWith(".safetensors")
        || name.endsWith(".safetensors.index.json");
  }

  /** Whether this can name a file or folder, and nothing outside of where it is put. */
  static boolean isPlainName(String name) {
    return !name.isEmpty()
        && name.length() <= MAX_NAME_LENGTH
        && !name.startsWith(".")
        && name.chars()
            .noneMatch(c -> c == '/' || c == '\\' || c == ':' || Character.isISOControl(c));
  }

  /**
   * Itself.
   *
   * @throws io.github.gptoss.engine.error.InvalidModelException if no checkpoint can be made of it
   */
  ModelListing checked(String address) {
    if (files.stream().noneMatch(file -> file.name().equals("config.json"))) {
      throw ModelErrors.lacks(address, "config.json");
    }
    if (files.stream().noneMatch(file -> file.name().endsWith(".safetensors"))) {
      throw ModelErrors.lacks(address, "safetensors file");
    }
    return this;
  }
}
