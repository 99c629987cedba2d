package io.github.gptoss.engine.tensor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.List;

/**
 * A safetensors file whose header has been read and checked: 8 bytes of header length (little
 * endian), the header in JSON, then the tensors' bytes without overlap and, once {@link
 * #requireNoGap} was asked, without gap. Source of the rules: the format section of the safetensors
 * README.
 */
public record SafetensorsFile(
    StoredFile file, long dataFrom, List<StoredTensor> tensors, byte[] headerSha256)
    implements AutoCloseable {
  static final int LENGTH_BYTES = 8;
  static final long MAX_HEADER_BYTES = 100_000_000;

  /** Reads and checks the header, not the tensors; fails if it breaks a rule of the format. */
  public static SafetensorsFile read(Path path) {
    if (!Files.exists(path)) {
      throw SafetensorsErrors.missing(path);
    }
    if (!Files.isRegularFile(path)) {
      throw SafetensorsErrors.notRegular(path);
    }
    try {
      StoredFile file = StoredFile.of(path);
      try (FileChannel channel = file.open()) {
        return read(file, channel);
      }
    } catch (IOException e) {
      throw SafetensorsErrors.unreadable(path, e);
    }
  }

  private static SafetensorsFile read(StoredFile file, FileChannel channel) throws IOException {
    long headerBytes = headerBytes(file, channel);
    channel.position(LENGTH_BYTES);
    MessageDigest sha256 = Sha256.digest();
    InputStream header =
        new DigestInputStream(
            new LimitedInputStream(Channels.newInputStream(channel), headerBytes), sha256);
    long dataFrom = LENGTH_BYTES + headerBytes;
    List<StoredTensor> tensors =
        HeaderParser.parse(file, header, dataFrom).stream()
            .sorted(
                Comparator.comparingLong(StoredTensor::offset)
                    .thenComparingLong(StoredTensor::bytes))
            .toList();
    requireNoOverlap(tensors, dataFrom);
    return new SafetensorsFile(file, dataFrom, tensors, sha256.digest());
  }

  private static long headerBytes(StoredFile file, FileChannel channel) throws IOException {
    ByteBuffer start = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    while (start.hasRemaining() && channel.read(start, start.position()) >= 0) {}
    start.flip();
    ForeignFormat.refuse(file.path(), start.duplicate());
    if (start.remaining() < LENGTH_BYTES) {
      throw SafetensorsErrors.tooShort(file.path(), file.bytes());
    }
    long headerBytes = start.getLong();
    if (headerBytes < 2 || headerBytes > MAX_HEADER_BYTES) {
      throw SafetensorsErrors.headerLength(file.path(), headerBytes);
    }
    if (headerBytes > file.bytes() - LENGTH_BYTES) {
      throw SafetensorsErrors.headerBeyondFile(file.path(), headerBytes, file.bytes());
    }
    return headerBytes;
  }

  private static void requireNoOverlap(List<StoredTensor> byOffset, long dataFrom) {
    StoredTensor previous = null;
    for (StoredTensor tensor : byOffset) {
      if (previous != null && tensor.offset() < previous.offset() + previous.bytes()) {
        throw SafetensorsErrors.overlap(previous, tensor, dataFrom);
      }
      previous = tensor;
    }
  }

  /**
   * Checks that every byte after the header belongs to a tensor. Apart from {@link #read}, because
   * a caller that knows which tensors there should be can name the one whose entry the header
   * lacks.
   */
  public void requireNoGap() {
    long covered = dataFrom;
    for (StoredTensor tensor : tensors) {
      if (tensor.offset() > covered) {
        throw SafetensorsErrors.gap(tensor, covered - dataFrom, dataFrom);
      }
      covered += tensor.bytes();
    }
    if (covered < file.bytes()) {
      throw SafetensorsErrors.uncovered(file.path(), covered, file.bytes());
    }
  }

  public Path path() {
    return file.path();
  }

  /** Bytes of the whole file. */
  public long bytes() {
    return file.bytes();
  }

  @Override
  public byte[] headerSha256() {
    return headerSha256.clone();
  }

  /** Ends all reading and mapping through this file's tensors; what is mapped stays so. */
  @Override
  public void close() {
    file.close();
  }
}
