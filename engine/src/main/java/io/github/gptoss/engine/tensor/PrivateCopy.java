package io.github.gptoss.engine.tensor;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.json.UntrustedText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Parts of a file as memory that may be written while the file stays as it is.
 *
 * <p>A private mapping is best: it costs memory only for pages that are written, and no limit of
 * the JVM's applies. But Java makes one only through a channel that may write, which a read-only
 * file refuses, and which makes a container's overlay file system copy the whole file first. There
 * the bytes are read into direct memory instead.
 */
final class PrivateCopy {
  private static final String OVERLAY = "overlay";

  private PrivateCopy() {}

  /** Whether {@link #map} works on the file and is cheap. */
  static boolean isMappable(Path file) {
    if (!Files.isWritable(file)) {
      return false;
    }
    try {
      return !Files.getFileStore(file).type().equals(OVERLAY);
    } catch (IOException unknownStore) {
      return true;
    }
  }

  static ByteBuffer map(Path file, long position, int byteCount) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return channel.map(FileChannel.MapMode.PRIVATE, position, byteCount);
    }
  }

  /**
   * @throws InvalidConfigException if the JVM's direct memory does not suffice
   */
  static ByteBuffer read(FileChannel channel, Path file, long position, int byteCount)
      throws IOException {
    ByteBuffer copy = allocate(file, byteCount);
    while (copy.hasRemaining()) {
      if (channel.read(copy, position + copy.position()) < 0) {
        throw new IOException("it ends at byte " + (position + copy.position()));
      }
    }
    return copy.flip();
  }

  private static ByteBuffer allocate(Path file, int byteCount) {
    try {
      return ByteBuffer.allocateDirect(byteCount);
    } catch (OutOfMemoryError e) {
      throw new InvalidConfigException(
          UntrustedText.oneLine(file)
              + ": cannot be mapped for private changes (it is read-only, or lies in a container's"
              + " image) and the JVM's direct memory is too small to copy it. Make the file"
              + " writable on a mounted disk, or raise -XX:MaxDirectMemorySize to the checkpoint's"
              + " size.",
          e);
    }
  }
}
