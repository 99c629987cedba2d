package io.github.gptoss.spark.internal.models;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import org.apache.commons.codec.binary.Hex;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * A file that is being copied to the cache, under a temporary name until it is complete. Belongs to
 * one thread.
 *
 * <p>Bytes are forced to the disk chunk by chunk, and a chunk's first byte is written only after
 * all chunks before it are on the disk. So a file that is found again, maybe after the machine lost
 * power, is right up to the beginning of its last chunk, and copying goes on from there. Whether
 * another program altered the file meanwhile shows in its digest, where the source lists one.
 */
final class PartialFile implements Closeable {
  static final int CHUNK_BYTES = 64 << 20;
  static final String SUFFIX = ".partial";

  private static final int BUFFER_BYTES = 1 << 20;

  private final Path target;
  private final Path partial;
  private final int chunkBytes;
  private final FileChannel data;
  private final MessageDigest sha256 = DigestUtils.getSha256Digest();
  private long bytes;

  private PartialFile(Path target, int chunkBytes) throws IOException {
    this.target = target;
    this.chunkBytes = chunkBytes;
    partial = partialOf(target);
    boolean wasWhole = Files.exists(target);
    if (wasWhole) {
      Files.move(target, partial, StandardCopyOption.ATOMIC_MOVE);
    }
    data =
        FileChannel.open(
            partial, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      long size = data.size();
      keep(wasWhole ? size : Math.max(0, size - 1) / chunkBytes * chunkBytes);
    } catch (IOException | RuntimeException e) {
      data.close();
      throw e;
    }
  }

  static PartialFile open(Path target, int chunkBytes) throws IOException {
    return new PartialFile(target, chunkBytes);
  }

  static Path partialOf(Path target) {
    return target.resolveSibling(target.getFileName() + SUFFIX);
  }

  private void keep(long length) throws IOException {
    data.truncate(length);
    data.position(0);
    sha256.reset();
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(BUFFER_BYTES, length));
    for (bytes = 0; bytes < length; bytes += buffer.limit()) {
      if (data.read(buffer.clear()) < 0) {
        throw new EOFException("the file became shorter while it was read");
      }
      sha256.update(buffer.flip());
    }
  }

  long bytes() {
    return bytes;
  }

  /** Appends bytes. A failure here is one of this machine's disk, not of the source. */
  void write(byte[] source, int length) {
    try {
      for (int offset = 0; offset < length; ) {
        if (bytes > 0 && bytes % chunkBytes == 0) {
          data.force(false);
        }
        int count = (int) Math.min(length - offset, chunkBytes - bytes % chunkBytes);
        ByteBuffer part = ByteBuffer.wrap(source, offset, count);
        while (part.hasRemaining()) {
          data.write(part);
        }
        sha256.update(source, offset, count);
        bytes += count;
        offset += count;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void discard() throws IOException {
    keep(0);
  }

  /**
   * SHA-256 of all bytes, hexadecimal. The next call to this object has to be {@link #complete} or
   * {@link #discard}.
   */
  String sha256() {
    return Hex.encodeHexString(sha256.digest());
  }

  /**
   * SHA-1 of all bytes as git names a blob of them, hexadecimal. Source: git's documentation, "Git
   * Objects".
   */
  String gitSha1() throws IOException {
    MessageDigest sha1 = DigestUtils.getSha1Digest();
    sha1.update(("blob " + bytes + "\0").getBytes(StandardCharsets.US_ASCII));
    return new DigestUtils(sha1).digestAsHex(partial);
  }

  /** Gives the complete file its final name, atomically. */
  void complete() throws IOException {
    data.force(true);
    Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void close() throws IOException {
    data.close();
  }
}
