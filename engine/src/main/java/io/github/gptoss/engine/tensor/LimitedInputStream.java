package io.github.gptoss.engine.tensor;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** The next bytes of a stream, up to a limit. Closing it leaves the stream open. */
final class LimitedInputStream extends FilterInputStream {
  private long left;

  LimitedInputStream(InputStream in, long limit) {
    super(in);
    this.left = limit;
  }

  @Override
  public int read() throws IOException {
    if (left <= 0) {
      return -1;
    }
    int value = super.read();
    left--;
    return value;
  }

  @Override
  public int read(byte[] target, int from, int count) throws IOException {
    if (left <= 0) {
      return -1;
    }
    int read = super.read(target, from, (int) Math.min(count, left));
    left -= Math.max(read, 0);
    return read;
  }

  @Override
  public void close() {}
}
