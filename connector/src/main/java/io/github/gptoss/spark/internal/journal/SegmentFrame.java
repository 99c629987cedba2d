package io.github.gptoss.spark.internal.journal;

import io.github.gptoss.spark.internal.journal.JournalErrors.DamagedSegmentException;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * What is around a segment's content, so that a file that was cut short or changed is recognised:
 * {@code "GPTOSSJ1"}, the content, and a trailer of the content's length (8 bytes, big-endian), the
 * CRC-32C of all before it (4 bytes), and {@code "1JSSOTPG"}.
 */
final class SegmentFrame {
  private static final byte[] HEAD = "GPTOSSJ1".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] TAIL = "1JSSOTPG".getBytes(StandardCharsets.US_ASCII);

  /** Bytes before the content. */
  static final int HEAD_BYTES = HEAD.length;

  private static final int TRAILER_BYTES = Long.BYTES + Integer.BYTES + 8;

  private SegmentFrame() {}

  static byte[] wrap(byte[] content) {
    ByteBuffer framed = ByteBuffer.allocate(HEAD.length + content.length + TRAILER_BYTES);
    framed.put(HEAD).put(content).putLong(content.length);
    framed.putInt(crc(framed.array(), framed.position()));
    return framed.put(TAIL).array();
  }

  /**
   * The content of a whole file, a view of it.
   *
   * @throws DamagedSegmentException if it is not what {@link #wrap} made
   */
  static InputStream unwrap(byte[] file) throws DamagedSegmentException {
    int contentEnd = file.length - TRAILER_BYTES;
    if (contentEnd < HEAD.length) {
      throw new DamagedSegmentException(
          "torn: it has only " + file.length + " bytes, less than an empty segment");
    }
    if (!Arrays.equals(file, 0, HEAD.length, HEAD, 0, HEAD.length)) {
      throw new DamagedSegmentException("no journal segment of this version: it begins otherwise");
    }
    if (!Arrays.equals(file, file.length - TAIL.length, file.length, TAIL, 0, TAIL.length)) {
      throw new DamagedSegmentException("torn: its end is missing");
    }
    ByteBuffer trailer = ByteBuffer.wrap(file, contentEnd, TRAILER_BYTES);
    long length = trailer.getLong();
    if (length != contentEnd - HEAD.length) {
      throw new DamagedSegmentException(
          "torn: it holds " + (contentEnd - HEAD.length) + " bytes of content, not " + length);
    }
    if (trailer.getInt() != crc(file, contentEnd + Long.BYTES)) {
      throw new DamagedSegmentException("corrupt: its checksum does not match");
    }
    return new ByteArrayInputStream(file, HEAD.length, contentEnd - HEAD.length);
  }

  private static int crc(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }
}
