package io.github.gptoss.spark.internal.models;

import io.github.gptoss.engine.ModelFingerprint;
import io.github.gptoss.engine.constraint.LruMap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The versions of adapters that are opened in place: the first 16 hexadecimal digits of their
 * contents' fingerprints, so that a copy at the same path of another machine is the same version.
 */
final class AdapterVersions {
  private static final int DIGITS = 16;
  private static final int MOST_KNOWN = 64;

  /** Files as young as this may change again without another time. */
  private static final Duration RACY = Duration.ofSeconds(10);

  /** A query asks for each of its calls: files that have not changed are not read again. */
  private static final Map<String, Known> KNOWN = new LruMap<>(MOST_KNOWN);

  private record Known(List<String> files, String version) {}

  private AdapterVersions() {}

  /**
   * The version of a folder, whose files are not read where their sizes and times are known.
   *
   * @throws io.github.gptoss.engine.error.InvalidModelException if the folder holds no adapter
   */
  static String of(String folder) {
    Instant latest = Instant.now().minus(RACY);
    List<String> files = files(folder, latest);
    synchronized (KNOWN) {
      Known known = KNOWN.get(folder);
      if (known != null && known.files().equals(files)) {
        return known.version();
      }
    }
    String version = read(folder);
    if (files != null) {
      // Files that changed while they were read have other times, and are not found by these.
      synchronized (KNOWN) {
        KNOWN.put(folder, new Known(files, version));
      }
    }
    return version;
  }

  /** The version of a folder, all of which is read; same terms as {@link #of}. */
  static String read(String folder) {
    return ModelFingerprint.ofAdapter(folder).substring(0, DIGITS);
  }

  /** Names, sizes and times of a folder's files; null if one is too young or cannot be read. */
  private static List<String> files(String folder, Instant latest) {
    List<String> files = new ArrayList<>();
    try (Stream<Path> paths = Files.list(Path.of(folder))) {
      for (Path path : paths.sorted().toList()) {
        BasicFileAttributes of = Files.readAttributes(path, BasicFileAttributes.class);
        Instant changed = of.lastModifiedTime().toInstant();
        if (changed.isAfter(latest)) {
          return null;
        }
        files.add(path.getFileName() + " " + of.size() + " " + changed + " " + of.fileKey());
      }
      return files;
    } catch (IOException | UncheckedIOException | InvalidPathException e) {
      // Reading the adapter tells what is wrong.
      return null;
    }
  }
}
