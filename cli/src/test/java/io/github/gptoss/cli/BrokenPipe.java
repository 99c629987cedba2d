package io.github.gptoss.cli;

import java.io.IOException;
import java.io.OutputStream;

/** A pipe whose reader goes away after some bytes. */
final class BrokenPipe extends OutputStream {
  private int left;

  BrokenPipe(int bytes) {
    left = bytes;
  }

  @Override
  public void write(int b) throws IOException {
    if (left-- <= 0) {
      throw new IOException("Broken pipe");
    }
  }
}
