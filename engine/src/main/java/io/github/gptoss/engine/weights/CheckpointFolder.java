package io.github.gptoss.engine.weights;

import io.github.gptoss.engine.json.StrictJson;
import io.github.gptoss.engine.model.ConfigReader;
import io.github.gptoss.engine.model.ParsedConfig;
import io.github.gptoss.engine.tensor.Sha256;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;

/** A folder that may hold a checkpoint: what lies in it, by name. */
record CheckpointFolder(Path path, SortedSet<String> names) {
  static final String INDEX = "model.safetensors.index.json";
  static final String SINGLE = "model.safetensors";
  private static final String CONFIG = "config.json";
  private static final String GENERATION_CONFIG = "generation_config.json";
  private static final int MAX_CONFIG_BYTES = 4 << 20;
  private static final int MAX_ENTRIES = 100_000;

  /** Lists the folder and refuses what cannot be a checkpoint, saying what it is instead. */
  static CheckpointFolder survey(Path path) {
    if (!Files.exists(path)) {
      throw CheckpointErrors.noFolder(path);
    }
    if (!Files.isDirectory(path)) {
      throw CheckpointErrors.notFolder(path);
    }
    CheckpointFolder folder = new CheckpointFolder(path, list(path));
    folder.refuseOtherFormats();
    if (!folder.has(CONFIG)) {
      throw CheckpointErrors.noConfig(folder.file(CONFIG), folder.has("adapter_config.json"));
    }
    return folder;
  }

  private static SortedSet<String> list(Path path) {
    SortedSet<String> names = new TreeSet<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
      for (Path entry : entries) {
        names.add(entry.getFileName().toString());
        if (names.size() > MAX_ENTRIES) {
          throw CheckpointErrors.tooManyEntries(path, MAX_ENTRIES);
        }
      }
      return names;
    } catch (DirectoryIteratorException e) {
      throw CheckpointErrors.unlistable(path, e.getCause());
    } catch (IOException e) {
      throw CheckpointErrors.unlistable(path, e);
    }
  }

  private void refuseOtherFormats() {
    if (has(INDEX) || !safetensors().isEmpty()) {
      return;
    }
    if (names.isEmpty()) {
      throw CheckpointErrors.emptyFolder(path);
    }
    if (first(name -> name.endsWith(".gguf")).isPresent()) {
      throw CheckpointErrors.gguf(file(first(name -> name.endsWith(".gguf")).get()));
    }
    if (has("model.bin")) {
      throw CheckpointErrors.metal(file("model.bin"));
    }
    Optional<String> pickle =
        first(
            name ->
                name.endsWith(".bin")
                    || name.endsWith(".pt")
                    || name.endsWith(".pth")
                    || name.endsWith(".ckpt"));
    if (pickle.isPresent()) {
      throw CheckpointErrors.pickle(file(pickle.get()));
    }
    if (has("snapshots") && has("blobs")) {
      throw CheckpointErrors.hubCache(file("snapshots"));
    }
    if (has("original")) {
      throw CheckpointErrors.onlyOriginal(path, file("original"));
    }
    throw CheckpointErrors.noSafetensors(path, names);
  }

  private Optional<String> first(Predicate<String> lowerCaseName) {
    return names.stream()
        .filter(name -> lowerCaseName.test(name.toLowerCase(Locale.ROOT)))
        .findFirst();
  }

  boolean has(String name) {
    return names.contains(name);
  }

  Path file(String name) {
    return path.resolve(name);
  }

  Path configFile() {
    return file(CONFIG);
  }

  /** Names of all safetensors files, sorted. */
  SortedSet<String> safetensors() {
    SortedSet<String> found = new TreeSet<>(names);
    found.removeIf(name -> !name.endsWith(".safetensors"));
    return found;
  }

  byte[] configJson() {
    return StrictJson.bytes(configFile(), MAX_CONFIG_BYTES);
  }

  /** SHA-256 of a file of the folder, whatever its size. */
  static byte[] sha256(Path file) {
    try {
      return Sha256.of(file);
    } catch (IOException e) {
      throw CheckpointErrors.unreadable(file, e);
    }
  }

  ParsedConfig config(byte[] configJson) {
    Path generation = file(GENERATION_CONFIG);
    return ConfigReader.read(
        configFile(),
        configJson,
        generation,
        has(GENERATION_CONFIG)
            ? Optional.of(StrictJson.bytes(generation, MAX_CONFIG_BYTES))
            : Optional.empty());
  }
}
