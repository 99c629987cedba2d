package io.github.gptoss.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads lines of UTF-8 one at a time, so that memory does not grow with the input and a line that
 * is no UTF-8 spoils itself alone. What follows the last line break is a line unless it is empty.
 */
final class LineReader {
  private static final int BUFFER_BYTES = 1 << 16;
  private static final char BYTE_ORDER_MARK = '\ufeff';

  private final InputStream in;
  private final int maxLineBytes;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int next;
  private int end;
  private boolean first = true;

  LineReader(InputStream in, int maxLineBytes) {
    this.in = in;
    this.maxLineBytes = maxLineBytes;
  }

  /**
   * The next line without its line break, or null after the last.
   *
   * @throws io.github.gptoss.engine.error.InvalidRequestException if the line is too long or is no
   *     UTF-8; the next call reads on behind it
   */
  String next() throws IOException {
    ByteArrayOutputStream line = null; // what earlier buffers hold of the line
    boolean tooLong = false;
    while (true) {
      if (next == end && !fill()) {
        return line == null ? null : decoded(line.toByteArray(), 0, line.size(), tooLong);
      }
      int from = next;
      while (next < end && buffer[next] != '\n') {
        next++;
      }
      boolean ended = next < end;
      int length = next - from;
      if (ended) {
        next++;
        if (line == null) {
          return decoded(buffer, from, length, length > maxLineBytes);
        }
      }
      if (line == null) {
        line = new ByteArrayOutputStream(2 * length);
      }
      tooLong |= line.size() + (long) length > maxLineBytes;
      if (!tooLong) {
        line.write(buffer, from, length);
      }
      if (ended) {
        return decoded(line.toByteArray(), 0, line.size(), tooLong);
      }
    }
  }

  private boolean fill() throws IOException {
    next = 0;
    end = Math.max(0, in.read(buffer, 0, buffer.length));
    return end > 0;
  }

  private String decoded(byte[] bytes, int from, int length, boolean tooLong) {
    boolean atStart = first;
    first = false;
    if (tooLong) {
      throw CliErrors.lineTooLong(maxLineBytes);
    }
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(bytes, from, length))
              .toString();
      return atStart && !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK
          ? text.substring(1)
          : text;
    } catch (CharacterCodingException e) {
      throw CliErrors.notUtf8();
    }
  }
}
