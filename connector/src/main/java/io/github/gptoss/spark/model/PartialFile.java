package io.github.gptoss.spark.model;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * A file on its way into the cache: its bytes so far under a temporary name, and beside them a
 * journal with the CRC-32C of each chunk that is known to be on disk. Whoever opens it again, maybe
 * after a crash, goes on behind the last chunk whose sum is right. Belongs to one thread.
 */
final class PartialFile implements Closeable {
  static final int CHUNK_BYTES = 64 << 20;
  static final String SUFFIX = ".partial";
  static final String JOURNAL_SUFFIX = ".chunks";

  private static final int BUFFER_BYTES = 1 << 20;
  private static final int ENTRY_BYTES = 2 * Long.BYTES;

  private final Path target;
  private final Path partial;
  private final int chunkBytes;
  private final FileChannel data;
  private final FileChannel journal;
  private final CRC32C chunkSum = new CRC32C();
  private MessageDigest sha256 = Digests.sha256();
  private long bytes;
  private long chunkStart;

  private PartialFile(Path target, int chunkBytes) throws IOException {
    this.target = target;
    this.chunkBytes = chunkBytes;
    partial = partialOf(target);
    if (Files.exists(target)) {
      // Whole, but its model was not: to be checked as any other beginning.
      Files.move(target, partial, StandardCopyOption.ATOMIC_MOVE);
    }
    data = open(partial);
    journal = open(journalOf(target));
    recover();
  }

  static PartialFile open(Path target, int chunkBytes) throws IOException {
    return new PartialFile(target, chunkBytes);
  }

  private static FileChannel open(Path file) throws IOException {
    return FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  static Path partialOf(Path target) {
    return target.resolveSibling(target.getFileName() + SUFFIX);
  }

  /** Stays until the whole model is there, for the sake of files that are renamed already. */
  static Path journalOf(Path target) {
    return target.resolveSibling(target.getFileName() + JOURNAL_SUFFIX);
  }

  /** Counts as present what the journal vouches for, and cuts off the rest. */
  private void recover() throws IOException {
    ByteBuffer entry = ByteBuffer.allocate(ENTRY_BYTES);
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    long good = 0;
    for (long at = 0; at + ENTRY_BYTES <= journal.size(); at += ENTRY_BYTES) {
      readFully(journal, entry.clear(), at);
      long end = entry.flip().getLong();
      if (end <= bytes || end - bytes > chunkBytes || end > data.size()) {
        break;
      }
      MessageDigest before = Digests.copyOf(sha256);
      if (sum(bytes, end, buffer) != entry.getLong()) {
        sha256 = before;
        break;
      }
      bytes = end;
      good += ENTRY_BYTES;
    }
    chunkStart = bytes;
    chunkSum.reset();
    data.truncate(bytes);
    data.position(bytes);
    journal.truncate(good);
    journal.position(good);
  }

  private long sum(long from, long to, ByteBuffer buffer) throws IOException {
    chunkSum.reset();
    for (long at = from; at < to; ) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), to - at));
      readFully(data, buffer, at);
      at += buffer.position();
      chunkSum.update(buffer.flip());
      sha256.update(buffer.rewind());
    }
    return chunkSum.getValue();
  }

  private static void readFully(FileChannel channel, ByteBuffer into, long at) throws IOException {
    while (into.hasRemaining()) {
      int read = channel.read(into, at + into.position());
      if (read < 0) {
        throw new EOFException("the file became shorter while it was read");
      }
    }
  }

  /** Bytes that are there. */
  long bytes() {
    return bytes;
  }

  /** Appends; what fails here is this machine's disk, not the source. */
  void write(byte[] source, int length) {
    try {
      int offset = 0;
      while (offset < length) {
        int count = (int) Math.min(length - offset, chunkStart + chunkBytes - bytes);
        ByteBuffer part = ByteBuffer.wrap(source, offset, count);
        while (part.hasRemaining()) {
          data.write(part);
        }
        sha256.update(source, offset, count);
        chunkSum.update(source, offset, count);
        bytes += count;
        offset += count;
        if (bytes == chunkStart + chunkBytes) {
          vouch();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void vouch() throws IOException {
    // In this order, so that a machine that loses power has no sum of bytes that it lost.
    data.force(false);
    ByteBuffer entry = ByteBuffer.allocate(ENTRY_BYTES);
    entry.putLong(bytes).putLong(chunkSum.getValue()).flip();
    while (entry.hasRemaining()) {
      journal.write(entry);
    }
    journal.force(false);
    chunkStart = bytes;
    chunkSum.reset();
  }

  /** Forgets all bytes. */
  void discard() throws IOException {
    journal.truncate(0).position(0);
    data.truncate(0).position(0);
    sha256 = Digests.sha256();
    chunkSum.reset();
    bytes = 0;
    chunkStart = 0;
  }

  /** Whether the bytes are those that the source tells of; true where it tells nothing. */
  boolean matches(ModelFile.Digest expected) throws IOException {
    if (expected == null) {
      return true;
    }
    return switch (expected.algorithm()) {
      case SHA256 -> sha256().equals(expected.hex());
      case GIT_SHA1 -> Digests.gitSha1(partial).equals(expected.hex());
    };
  }

  /** SHA-256 of all bytes, hexadecimal. */
  String sha256() {
    return HexFormat.of().formatHex(Digests.copyOf(sha256).digest());
  }

  /** Gives the file its name, at once and as a whole. */
  void complete() throws IOException {
    if (bytes > chunkStart) {
      vouch();
    }
    data.force(true);
    Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void close() throws IOException {
    data.close();
    journal.close();
  }
}
