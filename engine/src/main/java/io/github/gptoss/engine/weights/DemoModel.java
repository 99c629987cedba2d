package io.github.gptoss.engine.weights;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.json.StrictJson;
import io.github.gptoss.engine.json.UntrustedText;
import io.github.gptoss.engine.tensor.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * The model that is part of this project, unpacked into a folder of the user's on first use. Each
 * file is put in place whole by one rename, so that processes that unpack at the same time, or use
 * the model meanwhile, never see part of one; a file that was damaged is replaced.
 */
final class DemoModel {
  private static final String RESOURCE = "/io/github/gptoss/engine/demo/gptoss-demo.zip";
  private static final String CACHE_PROPERTY = "gptoss.cache.dir";
  private static final String PARTIAL = ".partial";
  private static final long LOCK_RETRY_MILLIS = 50;

  /** A file of the model as docs/demo-model/CARD.md names it. */
  private record Part(String name, long bytes, String sha256) {}

  private static final List<Part> PARTS =
      List.of(
          new Part(
              "config.json",
              1_331,
              "be20e120fa252c6001e01a2fefc88b00ea23a84b83abef99d0b046d134cfd999"),
          new Part(
              "generation_config.json",
              120,
              "aaa50f479ac53b98d59f90864ba26c1426f263b2b9ce4bdd6e5c41e02237ce28"),
          new Part(
              "model.safetensors",
              105_364_504,
              "2df31c02ab749b9e9dffb0000bfd9bc75d137f65f0c981df31208b81f712d93a"));

  private DemoModel() {}

  /**
   * The folder of the unpacked model, every file of it checked: below the system property {@code
   * gptoss.cache.dir}, or else below {@code .cache/gptoss-spark} in the user's home. Fails if it
   * cannot be written.
   */
  static Path unpacked() {
    return unpacked(cacheFolder());
  }

  static Path unpacked(Path cache) {
    Path folder = cache.resolve("gptoss-demo-" + PARTS.get(2).sha256().substring(0, 12));
    try {
      if (!broken(folder).isEmpty()) {
        repair(folder);
      }
      return folder;
    } catch (IOException e) {
      throw new InvalidConfigException(
          ("%s: the demo model cannot be unpacked there: %s. Free 110 MB, or name another folder with"
                  + " -D%s=DIR.")
              .formatted(UntrustedText.oneLine(folder), StrictJson.reason(e), CACHE_PROPERTY),
          e);
    }
  }

  private static Path cacheFolder() {
    String configured = System.getProperty(CACHE_PROPERTY, "");
    return configured.isBlank()
        ? Path.of(System.getProperty("user.home"), ".cache", "gptoss-spark")
        : Path.of(configured);
  }

  /** Parts that are missing or not as they should be. */
  private static List<Part> broken(Path folder) throws IOException {
    List<Part> broken = new ArrayList<>();
    for (Part part : PARTS) {
      Path file = folder.resolve(part.name());
      boolean isWhole =
          Files.isRegularFile(file)
              && Files.size(file) == part.bytes()
              && HexFormat.of().formatHex(Sha256.of(file)).equals(part.sha256());
      if (!isWhole) {
        broken.add(part);
      }
    }
    return broken;
  }

  private static void repair(Path folder) throws IOException {
    Files.createDirectories(folder);
    try (FileChannel channel =
        FileChannel.open(
            folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      lock(channel);
      // The process that held the lock before may have done the work.
      List<Part> broken = broken(folder);
      removePartial(folder);
      unpack(folder, broken);
    }
  }

  /** Waits for the lock, also where another class loader of this JVM holds it. */
  private static void lock(FileChannel channel) throws IOException {
    while (true) {
      try {
        channel.lock();
        return;
      } catch (OverlappingFileLockException heldByThisJvm) {
        try {
          Thread.sleep(LOCK_RETRY_MILLIS);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IOException("interrupted while another thread unpacks it", e);
        }
      }
    }
  }

  /** What a process that died while it unpacked has left. */
  private static void removePartial(Path folder) throws IOException {
    try (DirectoryStream<Path> partial = Files.newDirectoryStream(folder, "*" + PARTIAL)) {
      for (Path file : partial) {
        Files.delete(file);
      }
    }
  }

  private static void unpack(Path folder, List<Part> broken) throws IOException {
    InputStream resource = DemoModel.class.getResourceAsStream(RESOURCE);
    if (resource == null) {
      throw new IOException("this build does not contain " + RESOURCE);
    }
    try (ZipInputStream zip = new ZipInputStream(resource)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        for (Part part : broken) {
          if (part.name().equals(entry.getName())) {
            place(zip, part, folder);
          }
        }
      }
    }
    List<Part> left = broken(folder);
    if (!left.isEmpty()) {
      throw new IOException("the packed model lacks a sound " + left.get(0).name());
    }
  }

  private static void place(InputStream content, Part part, Path folder) throws IOException {
    Path partial = folder.resolve(part.name() + PARTIAL);
    Files.copy(content, partial, StandardCopyOption.REPLACE_EXISTING);
    Files.move(
        partial,
        folder.resolve(part.name()),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }
}
