package io.github.gptoss.spark.internal.models;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Lists and removes versions of models in a machine's cache. Needs neither Spark nor Hadoop on the
 * class path.
 */
public final class CachedModels {
  /** Which versions {@link #prune} may remove. */
  public enum Which {
    /** Versions for whose address a complete version was used later. */
    SUPERSEDED,
    /** All versions. */
    ALL
  }

  private final Path models;

  private CachedModels(Path models) {
    this.models = models;
  }

  /**
   * The versions in a cache.
   *
   * @param folder the value of the option {@code model_cache_dir}; null for the user's own cache
   * @throws io.github.gptoss.engine.error.InvalidConfigException if the text is not a path
   */
  public static CachedModels in(String folder) {
    return new CachedModels(ModelCache.in(folder).models());
  }

  /** The folder that holds the versions' folders. It may not exist. */
  public Path folder() {
    return models;
  }

  /**
   * All versions, sorted by address, and the most recently used one of an address first.
   *
   * @throws io.github.gptoss.engine.error.InvalidConfigException if the cache cannot be read
   */
  public List<CachedModel> list() {
    List<CachedModel> found = new ArrayList<>();
    if (!Files.isDirectory(models)) {
      return found;
    }
    try (DirectoryStream<Path> folders =
        Files.newDirectoryStream(models, path -> Files.isDirectory(path))) {
      for (Path folder : folders) {
        describe(folder).ifPresent(found::add);
      }
    } catch (IOException e) {
      throw ModelErrors.cacheUnusable(models, e);
    }
    found.sort(
        Comparator.comparing(CachedModel::address)
            .thenComparing(CachedModel::lastUsed, Comparator.reverseOrder()));
    return found;
  }

  /**
   * Removes versions that no process holds.
   *
   * @param unusedFor only versions that were not used for this long; zero for any
   * @param isDryRun whether to remove nothing, and only tell
   * @return the versions that are removed, or would be
   * @throws io.github.gptoss.engine.error.InvalidConfigException if the cache cannot be read, or a
   *     version cannot be removed
   */
  public List<CachedModel> prune(Which which, Duration unusedFor, boolean isDryRun) {
    List<CachedModel> all = list();
    Instant latest = Instant.now().minus(unusedFor);
    List<CachedModel> removed = new ArrayList<>();
    for (CachedModel model : all) {
      boolean isChosen =
          !model.isHeld()
              && !model.lastUsed().isAfter(latest)
              && (which == Which.ALL || isSuperseded(model, all));
      if (isChosen && (isDryRun || remove(model.folder()))) {
        removed.add(model);
      }
    }
    return removed;
  }

  private static boolean isSuperseded(CachedModel model, List<CachedModel> all) {
    return all.stream()
        .anyMatch(
            other ->
                other.isWhole()
                    && other.address().equals(model.address())
                    && other.lastUsed().isAfter(model.lastUsed()));
  }

  /** The version in a folder; none if it was removed meanwhile. */
  private static Optional<CachedModel> describe(Path folder) throws IOException {
    long bytes = 0;
    Instant lastUsed = Instant.EPOCH;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        bytes += Files.size(file);
        Instant modified = Files.getLastModifiedTime(file).toInstant();
        lastUsed = modified.isAfter(lastUsed) ? modified : lastUsed;
      }
    } catch (NoSuchFileException e) {
      return Files.isDirectory(folder) ? describe(folder) : Optional.empty();
    }
    Optional<CacheManifest> whole = CacheManifest.read(folder);
    Optional<CacheManifest> known = whole.isPresent() ? whole : CacheManifest.readBegun(folder);
    return Optional.of(
        new CachedModel(
            known.map(CacheManifest::source).orElse(folder.getFileName().toString()),
            known.map(CacheManifest::version).orElse(""),
            folder,
            bytes,
            lastUsed,
            whole.isPresent(),
            isHeld(folder)));
  }

  private static boolean isHeld(Path folder) {
    try (CacheLock lock = CacheLock.tryTake(ModelCache.holdFile(folder), false).orElse(null)) {
      return lock == null;
    } catch (IOException e) {
      // Without the right to lock there is no right to remove either.
      return true;
    }
  }

  /** Returns whether the version is gone now. */
  private static boolean remove(Path folder) {
    try (CacheLock lock = CacheLock.tryTake(ModelCache.holdFile(folder), false).orElse(null)) {
      if (lock == null) {
        return false;
      }
      // The manifest goes first, so that a killed process leaves what counts as an incomplete copy.
      CacheManifest.delete(folder);
      ModelCache.deleteFiles(folder);
      Files.delete(folder);
      return true;
    } catch (IOException e) {
      throw ModelErrors.notRemoved(folder, e);
    }
  }
}
