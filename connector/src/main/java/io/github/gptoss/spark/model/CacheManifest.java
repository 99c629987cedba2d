package io.github.gptoss.spark.model;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/**
 * What a model in the cache consists of; written last, so that where it is, all files are.
 *
 * @param source address and version, for people
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record CacheManifest(String source, String version, List<Entry> files) {
  private static final String NAME = "gptoss-manifest.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * @param modifiedMillis of the copy: while it stays, so does what was copied
   */
  record Entry(String name, long bytes, String sha256, long modifiedMillis) {
    static Entry of(Path file, String sha256) throws IOException {
      return new Entry(
          file.getFileName().toString(), Files.size(file), sha256, modifiedMillis(file));
    }

    private static long modifiedMillis(Path file) throws IOException {
      return Files.getLastModifiedTime(file).toMillis();
    }

    /**
     * Whether the copy is as it was made. Hashes it only where it looks touched or it is asked for:
     * a large model takes half a minute.
     */
    boolean isSound(Path folder, boolean hashes) throws IOException {
      Path file = folder.resolve(name);
      return Files.isRegularFile(file)
          && Files.size(file) == bytes
          && (!hashes && modifiedMillis(file) == modifiedMillis
              || Digests.sha256(file).equals(sha256));
    }
  }

  /** The folder's; none where it is missing or damaged. */
  static Optional<CacheManifest> read(Path folder) throws IOException {
    Path file = folder.resolve(NAME);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      CacheManifest manifest = JSON.readValue(file.toFile(), CacheManifest.class);
      boolean isWhole =
          manifest != null
              && manifest.files != null
              && manifest.files.stream().allMatch(e -> ModelListing.isPlainName(e.name()));
      return isWhole ? Optional.of(manifest) : Optional.empty();
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      return Optional.empty();
    }
  }

  boolean isSound(Path folder, boolean hashes) throws IOException {
    for (Entry entry : files) {
      if (!entry.isSound(folder, hashes)) {
        return false;
      }
    }
    return true;
  }

  Optional<Entry> entry(String name) {
    return files.stream().filter(entry -> entry.name().equals(name)).findFirst();
  }

  void write(Path folder) throws IOException {
    Path temporary = folder.resolve(NAME + PartialFile.SUFFIX);
    Files.write(temporary, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(this));
    try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(
        temporary,
        folder.resolve(NAME),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }
}
