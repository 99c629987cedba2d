package io.github.gptoss.spark.internal.models;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.apache.commons.codec.digest.DigestUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cache of models on this machine's disk. Each version of each address has its own folder.
 * Several processes may use the cache: one copies a model, and the others wait for it.
 */
final class ModelCache {
  private static final Logger LOG = LoggerFactory.getLogger(ModelCache.class);

  private final Path root;
  private final Retries retries;
  private final int chunkBytes;
  private final ToLongFunction<Path> freeBytes;

  ModelCache(Path root, Retries retries, int chunkBytes, ToLongFunction<Path> freeBytes) {
    this.root = root;
    this.retries = retries;
    this.chunkBytes = chunkBytes;
    this.freeBytes = freeBytes;
  }

  /**
   * The cache in a folder.
   *
   * @param folder the option {@code model_cache_dir}; null for the user's own cache
   */
  static ModelCache in(String folder) {
    try {
      Path root = folder == null ? userFolder() : Path.of(folder);
      return new ModelCache(
          root.toAbsolutePath(), Retries.DEFAULT, PartialFile.CHUNK_BYTES, ModelCache::usableBytes);
    } catch (InvalidPathException e) {
      throw ModelErrors.cacheUnusable(Path.of("model_cache_dir"), e);
    }
  }

  /**
   * The engine unpacks the demo model here, too. The folder outlives executors and applications.
   */
  private static Path userFolder() {
    String configured = System.getProperty("gptoss.cache.dir", "");
    return configured.isBlank()
        ? Path.of(System.getProperty("user.home"), ".cache", "gptoss-spark")
        : Path.of(configured);
  }

  private static long usableBytes(Path folder) {
    try {
      return Files.getFileStore(folder).getUsableSpace();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path root() {
    return root;
  }

  /** The folder that holds the versions' folders. */
  Path models() {
    return root.resolve("models");
  }

  /**
   * The lock file of a version: users of the version share its lock, and removing the version needs
   * it exclusively.
   */
  static Path holdFile(Path folder) {
    return folder.resolveSibling(folder.getFileName() + ".use");
  }

  /** The folder for one version of a model. */
  Path folder(String address, String version) {
    String plain =
        address
            .replaceFirst("^.*/(?=[^/]+/[^/]+$)", "")
            .replaceAll("[^A-Za-z0-9.-]+", "-")
            .replaceAll("^[.-]+", "");
    String slug = plain.substring(0, Math.min(plain.length(), 60));
    String key = DigestUtils.sha256Hex(address + "\n" + version).substring(0, 16);
    return models().resolve(slug + "-" + key);
  }

  /**
   * The folder, if the whole model is in it.
   *
   * @param hashes whether to hash every file
   */
  Optional<Path> find(String address, String version, boolean hashes) {
    Path folder = folder(address, version);
    try {
      Optional<CacheManifest> manifest = CacheManifest.read(folder);
      return manifest.isPresent() && manifest.get().isSound(folder, hashes)
          ? Optional.of(folder)
          : Optional.empty();
    } catch (IOException e) {
      throw ModelErrors.cacheUnusable(folder, e);
    }
  }

  /**
   * The model, if all of it is in the cache. It stays there until it is closed.
   *
   * @param hashes whether to hash every file
   */
  Optional<LocalModel> open(String address, String version, boolean hashes) {
    return held(address, version, () -> find(address, version, hashes));
  }

  /**
   * The model in the cache, with what was missing or damaged copied. It stays there until it is
   * closed.
   *
   * @throws io.github.gptoss.engine.error.GptOssException if it cannot be copied; the next attempt
   *     goes on from what is there
   */
  LocalModel obtain(
      String address,
      ModelListing listing,
      ModelSource source,
      boolean hashes,
      CopyProgress.Listener listener) {
    return held(
            address,
            listing.version(),
            () -> Optional.of(copied(address, listing, source, hashes, listener)))
        .orElseThrow();
  }

  /** The model in a folder, where there is one, with its version kept until it is closed. */
  private Optional<LocalModel> held(
      String address, String version, Supplier<Optional<Path>> folder) {
    Runnable release = hold(address, version);
    Optional<LocalModel> model = Optional.empty();
    try {
      model = folder.get().map(found -> used(found, release));
      return model;
    } finally {
      if (model.isEmpty()) {
        release.run();
      }
    }
  }

  /** Keeps other processes from removing a version. A cache that is read-only goes without. */
  private Runnable hold(String address, String version) {
    try {
      return CacheLock.take(holdFile(folder(address, version)), true, address, () -> {})::close;
    } catch (IOException e) {
      LOG.info("{} is used without a lock: {}", address, ModelErrors.reason(e));
      return () -> {};
    }
  }

  private static LocalModel used(Path folder, Runnable release) {
    try {
      CacheManifest.touch(folder);
    } catch (IOException e) {
      LOG.info("cannot note that {} is used: {}", folder, ModelErrors.reason(e));
    }
    return new LocalModel(folder.toString(), release);
  }

  private Path copied(
      String address,
      ModelListing listing,
      ModelSource source,
      boolean hashes,
      CopyProgress.Listener listener) {
    Path folder = folder(address, listing.version());
    CopyMeter meter = new CopyMeter(source.address(), listing.bytes(), listener);
    try (CacheLock lock =
        CacheLock.take(
            folder.resolveSibling(folder.getFileName() + ".lock"),
            false,
            source.address(),
            () -> meter.waiting(presentBytes(folder)))) {
      if (find(address, listing.version(), hashes).isEmpty()) {
        meter.takeOver();
        Files.createDirectories(folder);
        CacheManifest.begin(folder, address, listing.version());
        FileFetcher fetcher =
            new FileFetcher(source, listing.version(), retries, chunkBytes, meter);
        new ModelCopy(folder, address, listing, source, fetcher, meter, freeBytes).run();
      }
      return folder;
    } catch (IOException e) {
      throw ModelErrors.cacheUnusable(folder, e);
    } catch (UncheckedIOException e) {
      throw ModelErrors.cacheUnusable(folder, e.getCause());
    }
  }

  /** The size of all files in the folder, complete or not. */
  private static long presentBytes(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    long bytes = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        // A file may be renamed after it was listed, and has no length then.
        bytes += file.toFile().length();
      }
    }
    return bytes;
  }

  /** Deletes all files of a version's folder. */
  static void deleteFiles(Path folder) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
  }
}
