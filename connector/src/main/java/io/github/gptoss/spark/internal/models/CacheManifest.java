package io.github.gptoss.spark.internal.models;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * What a version of a model in the cache consists of. It gets its name when all files are there;
 * before that, a file under its temporary name says which version is being copied.
 *
 * @param source the address, without a version
 * @param files none while the version is being copied
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record CacheManifest(String source, String version, List<Entry> files) {
  private static final String NAME = "gptoss-manifest.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * @param modifiedMillis the copy's modification time. While it stays the same, the bytes are
   *     taken to be the same
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
     * Whether the copy is as it was made. The file is hashed only if its modification time differs
     * or {@code hashes} asks for it, since a large model takes half a minute.
     */
    boolean isSound(Path folder, boolean hashes) throws IOException {
      Path file = folder.resolve(name);
      return Files.isRegularFile(file)
          && Files.size(file) == bytes
          && (!hashes && modifiedMillis(file) == modifiedMillis
              || new DigestUtils(DigestUtils.getSha256Digest()).digestAsHex(file).equals(sha256));
    }
  }

  /** The manifest of a folder that holds a whole model; none where it is missing or damaged. */
  static Optional<CacheManifest> read(Path folder) throws IOException {
    return parse(folder.resolve(NAME));
  }

  /** The manifest of a folder whose model is being copied, or was. */
  static Optional<CacheManifest> readBegun(Path folder) throws IOException {
    return parse(begun(folder));
  }

  private static Path begun(Path folder) {
    return folder.resolve(NAME + PartialFile.SUFFIX);
  }

  private static Optional<CacheManifest> parse(Path file) throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      CacheManifest manifest = JSON.readValue(file.toFile(), CacheManifest.class);
      boolean isWhole =
          manifest != null
              && manifest.source != null
              && manifest.version != null
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

  /** Writes which version is going to be copied to the folder. */
  static void begin(Path folder, String source, String version) throws IOException {
    new CacheManifest(source, version, List.of()).writeBegun(folder);
  }

  /** Writes that the folder holds the whole model. All its files must be on the disk. */
  void write(Path folder) throws IOException {
    writeBegun(folder);
    Files.move(
        begun(folder),
        folder.resolve(NAME),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private void writeBegun(Path folder) throws IOException {
    Path file = begun(folder);
    Files.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(this));
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  /** Makes the folder count as an incomplete copy. */
  static void delete(Path folder) throws IOException {
    Files.deleteIfExists(folder.resolve(NAME));
  }

  /** Records that the folder's model is used now. */
  static void touch(Path folder) throws IOException {
    Files.setLastModifiedTime(folder.resolve(NAME), FileTime.from(Instant.now()));
  }
}
