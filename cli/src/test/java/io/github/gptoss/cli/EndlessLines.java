package io.github.gptoss.cli;

import java.io.InputStream;

/** Lines of the same request for ever, as from {@code yes}. */
final class EndlessLines extends InputStream {
  private static final byte[] LINE = {
    '{', '"', 't', 'e', 'x', 't', '"', ':', '"', 'a', '"', '}', '\n'
  };
  private int next;

  @Override
  public int read() {
    return LINE[next++ % LINE.length];
  }

  @Override
  public int read(byte[] buffer, int offset, int length) {
    for (int i = 0; i < length; i++) {
      buffer[offset + i] = (byte) read();
    }
    return length;
  }
}
