package io.github.gptoss.spark.internal.models;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Copies single files of a source, and tries again until each is complete and correct.
 *
 * @param version what the source lists while it is unchanged
 */
record FileFetcher(
    ModelSource source, String version, Retries retries, int chunkBytes, CopyMeter meter) {
  private static final int BUFFER_BYTES = 1 << 20;
  private static final int MAX_WRONG_COPIES = 3;

  /**
   * Copies one file to its place in the cache, from where the last attempt ended.
   *
   * @return the file's SHA-256 in hexadecimal
   * @throws IOException if this machine's disk fails
   * @throws io.github.gptoss.engine.error.GptOssException if the source fails after all retries, or
   *     its bytes are wrong each time
   */
  String fetch(ModelFile file, Path target) throws IOException {
    try (PartialFile partial = PartialFile.open(target, chunkBytes)) {
      if (partial.bytes() > file.bytes()) {
        partial.discard();
      }
      meter.found(partial.bytes());
      for (int copies = 1; ; copies++) {
        pull(file, partial);
        String sha256 = partial.sha256();
        if (isRight(partial, sha256, file.digest())) {
          partial.complete();
          return sha256;
        }
        if (copies == MAX_WRONG_COPIES) {
          partial.discard();
          throw ModelErrors.wrongBytes(source.address(), file, copies);
        }
        meter.lost(partial.bytes());
        partial.discard();
      }
    }
  }

  /**
   * Checks that the source still holds the version that is being copied.
   *
   * @throws ModelErrors.SourceChangedException if it holds another one
   */
  void requireUnchanged() {
    if (!source.list().version().equals(version)) {
      throw ModelErrors.changed(source.address());
    }
  }

  /** Whether the bytes are those that the source lists; true where it lists no digest. */
  private static boolean isRight(PartialFile partial, String sha256, ModelFile.Digest expected)
      throws IOException {
    if (expected == null) {
      return true;
    }
    return switch (expected.algorithm()) {
      case SHA256 -> sha256.equals(expected.hex());
      case GIT_SHA1 -> partial.gitSha1().equals(expected.hex());
    };
  }

  private void pull(ModelFile file, PartialFile partial) {
    byte[] buffer = new byte[(int) Math.min(BUFFER_BYTES, Math.max(1, file.bytes()))];
    int failures = 0;
    while (partial.bytes() < file.bytes()) {
      long before = partial.bytes();
      try (InputStream in = source.open(file, before)) {
        transfer(in, file, partial, buffer);
        return;
      } catch (IOException e) {
        requireUnchanged();
        boolean isProgress = partial.bytes() - before >= retries.progressBytes();
        failures = isProgress ? 1 : failures + 1;
        if (failures >= retries.attempts()) {
          throw ModelErrors.gaveUp(source.address(), file, partial.bytes(), e);
        }
        retries.pause(source.address() + ": " + file.name(), failures, e);
      }
    }
  }

  private void transfer(InputStream in, ModelFile file, PartialFile partial, byte[] buffer)
      throws IOException {
    while (partial.bytes() < file.bytes()) {
      if (Thread.currentThread().isInterrupted()) {
        throw ModelErrors.interrupted(source.address());
      }
      int most = (int) Math.min(buffer.length, file.bytes() - partial.bytes());
      int read = in.read(buffer, 0, most);
      if (read < 0) {
        throw new EOFException(
            String.format(
                Locale.ROOT,
                "the connection ended at byte %,d of %,d",
                partial.bytes(),
                file.bytes()));
      }
      partial.write(buffer, read);
      meter.copied(read);
    }
  }
}
