package io.github.gptoss.spark.internal.models;

import io.github.gptoss.engine.error.GptOssException;
import java.io.IOException;
import java.nio.file.Files;
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

/**
 * Copies one version of a model to its folder in the cache. Belongs to one thread.
 *
 * @param address the model's address in the cache, without a version
 * @param freeBytes the free space of a folder's disk
 */
record ModelCopy(
    Path folder,
    String address,
    ModelListing listing,
    ModelSource source,
    FileFetcher fetcher,
    CopyMeter meter,
    ToLongFunction<Path> freeBytes) {
  private static final int COPIES_AT_A_TIME = 4;

  /** How much space the disk must have left after the copy. */
  private static final long SPARE_BYTES = 64 << 20;

  /**
   * Copies what is missing or damaged.
   *
   * @throws IOException if this machine's disk fails
   * @throws GptOssException if the source fails or has changed
   */
  void run() throws IOException {
    List<CacheManifest.Entry> whole = keepSound();
    whole.forEach(entry -> meter.found(entry.bytes()));
    List<ModelFile> missing = new ArrayList<>(listing.files());
    missing.removeIf(file -> whole.stream().anyMatch(entry -> entry.name().equals(file.name())));
    checkSpace(missing);
    try {
      whole.addAll(fetchAll(missing));
      fetcher.requireUnchanged();
    } catch (ModelErrors.SourceChangedException e) {
      // Some of the copied bytes may belong to the other version.
      ModelCache.deleteFiles(folder);
      throw e;
    }
    new CacheManifest(address, listing.version(), whole).write(folder);
    meter.finished();
  }

  /** The intact files of a model that was complete before. Its damaged files are deleted. */
  private List<CacheManifest.Entry> keepSound() throws IOException {
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

  private void checkSpace(List<ModelFile> missing) throws IOException {
    long needs = SPARE_BYTES;
    for (ModelFile file : missing) {
      needs += file.bytes() - Math.min(file.bytes(), presentBytes(file.name()));
    }
    long free = freeBytes.applyAsLong(folder);
    if (!missing.isEmpty() && free < needs) {
      throw ModelErrors.noSpace(source.address(), folder, needs, free);
    }
  }

  private long presentBytes(String name) throws IOException {
    Path whole = folder.resolve(name);
    Path partial = PartialFile.partialOf(whole);
    return Files.exists(whole)
        ? Files.size(whole)
        : Files.exists(partial) ? Files.size(partial) : 0;
  }

  private List<CacheManifest.Entry> fetchAll(List<ModelFile> missing) throws IOException {
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

  /** Waits until no thread writes any more, since the lock may be released only then. */
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
