package io.github.gptoss.spark.internal.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * How many tokens a process's engines have generated, in a mapped file that outlives the process
 * however it ends.
 */
public final class TokenMeter {
  private static final String SUFFIX = ".tokens";

  private final MappedByteBuffer tokens;

  private TokenMeter(MappedByteBuffer tokens) {
    this.tokens = tokens;
  }

  /** This process's, in a folder that all processes share. */
  static TokenMeter create(Path folder) throws IOException {
    Path file = Files.createTempFile(folder, "process", SUFFIX);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return new TokenMeter(channel.map(FileChannel.MapMode.READ_WRITE, 0, Long.BYTES));
    }
  }

  void set(long generated) {
    tokens.putLong(0, generated);
  }

  /** What all processes have generated. */
  public static long sum(Path folder) throws IOException {
    long sum = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
      for (Path file : files) {
        byte[] bytes = Files.readAllBytes(file);
        sum += bytes.length < Long.BYTES ? 0 : ByteBuffer.wrap(bytes).getLong();
      }
    }
    return sum;
  }
}
