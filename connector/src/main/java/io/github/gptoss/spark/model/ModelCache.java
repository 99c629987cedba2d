package io.github.gptoss.spark.model;

import io.github.gptoss.engine.error.GptOssException;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import org.apache.commons.codec.digest.DigestUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Models on this machine's disk, each version of each address in a folder of its own. Safe for use
 * by several processes: one copies, the others wait for it.
 */
final class ModelCache {
  private static final Logger LOG = LoggerFactory.getLogger(ModelCache.class);
  private static final int COPIES_AT_A_TIME = 4;

  /** What a disk should have left when the model is there. */
  private static final long SPARE_BYTES = 64 << 20;

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
   * @param folder null for the user's own
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

  /** Where the engine unpacks the demo model too; outlives executors, applications and reboots. */
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
   * The file whose lock is shared by all who use a version, and exclusive to one who removes it.
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
   * The folder if the model is in it, whole.
   *
   * @param hashes whether every byte is looked at
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
   * The model if it is in the cache, whole. Nobody removes it before it is closed.
   *
   * @param hashes whether every byte is looked at
   */
  Optional<LocalModel> open(String address, String version, boolean hashes) {
    Closeable hold = hold(address, version);
    return closedOnFailure(
        hold,
        () -> {
          Optional<Path> folder = find(address, version, hashes);
          if (folder.isEmpty()) {
            hold.close();
          }
          return folder.map(found -> used(found, hold));
        });
  }

  /**
   * The model in the cache; copies what is missing or damaged. Nobody removes it before it is
   * closed.
   *
   * @throws io.github.gptoss.engine.error.GptOssException if it cannot be had; what was copied is
   *     kept for the next attempt
   */
  LocalModel obtain(
      String address, ModelListing listing, ModelSource source, boolean hashes, CopyListener to) {
    Closeable hold = hold(address, listing.version());
    return closedOnFailure(hold, () -> used(copied(address, listing, source, hashes, to), hold));
  }

  private interface Step<T> {
    T run() throws IOException;
  }

  private <T> T closedOnFailure(Closeable hold, Step<T> step) {
    boolean isDone = false;
    try {
      T result = step.run();
      isDone = true;
      return result;
    } catch (IOException e) {
      throw ModelErrors.cacheUnusable(root, e);
    } finally {
      if (!isDone) {
        release(hold);
      }
    }
  }

  private static void release(Closeable hold) {
    try {
      hold.close();
    } catch (IOException e) {
      LOG.warn("cannot give back the lock of a model in the cache: {}", ModelErrors.reason(e));
    }
  }

  /** Keeps others from removing a version. A cache that only others write to is used without. */
  private Closeable hold(String address, String version) {
    Path file = holdFile(folder(address, version));
    try {
      return CacheLock.take(file, true, address, () -> {});
    } catch (IOException e) {
      LOG.info("{} is used without a lock: {}", address, ModelErrors.reason(e));
      return () -> {};
    }
  }

  private static LocalModel used(Path folder, Closeable hold) {
    try {
      CacheManifest.touch(folder);
    } catch (IOException e) {
      LOG.info("cannot note that {} is used: {}", folder, ModelErrors.reason(e));
    }
    return new LocalModel(folder.toString(), hold);
  }

  private Path copied(
      String address, ModelListing listing, ModelSource source, boolean hashes, CopyListener to) {
    Path folder = folder(address, listing.version());
    CopyMeter meter = new CopyMeter(source.address(), listing.bytes(), to);
    try (CacheLock lock =
        CacheLock.take(
            folder.resolveSibling(folder.getFileName() + ".lock"),
            false,
            source.address(),
            () -> meter.waiting(presentBytes(folder)))) {
      if (find(address, listing.version(), hashes).isPresent()) {
        return folder;
      }
      meter.takeOver();
      Files.createDirectories(folder);
      CacheManifest.begin(folder, address, listing.version());
      copy(folder, address, listing, source, meter);
      return folder;
    } catch (IOException e) {
      throw ModelErrors.cacheUnusable(folder, e);
    } catch (UncheckedIOException e) {
      throw ModelErrors.cacheUnusable(folder, e.getCause());
    }
  }

  private void copy(
      Path folder, String address, ModelListing listing, ModelSource source, CopyMeter meter)
      throws IOException {
    List<CacheManifest.Entry> whole = keepSound(folder, listing);
    whole.forEach(entry -> meter.found(entry.bytes()));
    List<ModelFile> missing = new ArrayList<>(listing.files());
    missing.removeIf(file -> whole.stream().anyMatch(entry -> entry.name().equals(file.name())));
    checkSpace(folder, missing, source);
    whole.addAll(fetchAll(folder, listing.version(), missing, source, meter));
    if (!source.list().version().equals(listing.version())) {
      deleteFiles(folder);
      throw ModelErrors.changed(source.address());
    }
    new CacheManifest(address, listing.version(), whole).write(folder);
    meter.finished();
  }

  /** Of a model that was whole once: what still is. The rest is deleted. */
  private static List<CacheManifest.Entry> keepSound(Path folder, ModelListing listing)
      throws IOException {
    List<CacheManifest.Entry> sound = new ArrayList<>();
    Optional<CacheManifest> manifest = CacheManifest.read(folder);
    if (manifest.isEmpty()) {
      return sound;
    }
    for (ModelFile file : listing.files()) {
      Path copy = folder.resolve(file.name());
      Optional<CacheManifest.Entry> entry = manifest.get().entry(file.name());
      if (entry.isPresent() && entry.get().isSound(folder, true)) {
        sound.add(CacheManifest.Entry.of(copy, entry.get().sha256()));
      } else {
        Files.deleteIfExists(copy);
      }
    }
    return sound;
  }

  private void checkSpace(Path folder, List<ModelFile> missing, ModelSource source)
      throws IOException {
    long needs = SPARE_BYTES;
    for (ModelFile file : missing) {
      needs += file.bytes() - Math.min(file.bytes(), presentBytes(folder, file.name()));
    }
    long free = freeBytes.applyAsLong(folder);
    if (!missing.isEmpty() && free < needs) {
      throw ModelErrors.noSpace(source.address(), folder, needs, free);
    }
  }

  private static long presentBytes(Path folder, String name) throws IOException {
    Path whole = folder.resolve(name);
    Path partial = PartialFile.partialOf(whole);
    return Files.exists(whole)
        ? Files.size(whole)
        : Files.exists(partial) ? Files.size(partial) : 0;
  }

  /** What lies in the folder, whole or not. */
  private static long presentBytes(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    long bytes = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        // A file may get its final name between the listing and this look.
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

  private List<CacheManifest.Entry> fetchAll(
      Path folder, String version, List<ModelFile> missing, ModelSource source, CopyMeter meter)
      throws IOException {
    FileFetcher fetcher = new FileFetcher(source, version, retries, chunkBytes, meter);
    ExecutorService threads =
        Executors.newFixedThreadPool(
            COPIES_AT_A_TIME,
            work -> {
              Thread thread = new Thread(work, "gptoss-model-copy");
              thread.setDaemon(true);
              return thread;
            });
    try {
      CompletionService<CacheManifest.Entry> copies = new ExecutorCompletionService<>(threads);
      for (ModelFile file : missing) {
        copies.submit(
            () -> {
              Path target = folder.resolve(file.name());
              String sha256 = fetcher.fetch(file, target);
              return CacheManifest.Entry.of(target, sha256);
            });
      }
      List<CacheManifest.Entry> done = new ArrayList<>();
      while (done.size() < missing.size()) {
        done.add(copies.take().get());
      }
      return done;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ModelErrors.interrupted(source.address());
    } catch (ExecutionException e) {
      throw rethrown(e.getCause());
    } finally {
      end(threads);
    }
  }

  private static RuntimeException rethrown(Throwable cause) throws IOException {
    if (cause instanceof IOException e) {
      throw e;
    }
    if (cause instanceof Error e) {
      throw e;
    }
    return cause instanceof RuntimeException e ? e : new GptOssException(cause.toString(), cause);
  }

  /** Waits until nobody writes any more: only then may the lock be given back. */
  private static void end(ExecutorService threads) {
    threads.shutdownNow();
    boolean wasInterrupted = Thread.interrupted();
    while (!threads.isTerminated()) {
      try {
        threads.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        wasInterrupted = true;
      }
    }
    if (wasInterrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
