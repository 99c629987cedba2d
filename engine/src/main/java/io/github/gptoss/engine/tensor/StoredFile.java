package io.github.gptoss.engine.tensor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;

/** A file whose header has been read, and the right to read the rest of it. */
final class StoredFile {
  private final Path path;
  private final long bytes;
  private final FileTime modified;
  private volatile boolean closed;

  private StoredFile(Path path, long bytes, FileTime modified) {
    this.path = path;
    this.bytes = bytes;
    this.modified = modified;
  }

  static StoredFile of(Path path) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
    return new StoredFile(path, attributes.size(), attributes.lastModifiedTime());
  }

  Path path() {
    return path;
  }

  long bytes() {
    return bytes;
  }

  void close() {
    closed = true;
  }

  /**
   * A new channel, which the caller closes; fails if the file is not the one whose header was read.
   * One for each use, because interrupting a thread that uses a channel closes it, and a cancelled
   * task must not take the file from all others.
   */
  FileChannel open() throws IOException {
    if (closed) {
      throw new IllegalStateException(path + " is read after its checkpoint was closed");
    }
    BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
    if (now.size() != bytes || !now.lastModifiedTime().equals(modified)) {
      throw SafetensorsErrors.changed(path, bytes, now.size());
    }
    return FileChannel.open(path, StandardOpenOption.READ);
  }

  ByteBuffer map(long position, int byteCount) throws IOException {
    try (FileChannel channel = open()) {
      return channel.map(FileChannel.MapMode.READ_ONLY, position, byteCount);
    }
  }
}
