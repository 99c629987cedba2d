package io.github.gptoss.engine.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateCopyTest {
  private static final int POSITION = 4_097;
  private static final int BYTES = 10_000;

  @TempDir Path temp;
  private Path file;
  private final byte[] content = new byte[POSITION + BYTES + 1];

  @BeforeEach
  void writeFile() throws IOException {
    new Random(7).nextBytes(content);
    file = Files.write(temp.resolve("data"), content);
  }

  @Test
  void bothWaysGiveTheSameBytesAndLeaveTheFileAlone() throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer mapped = PrivateCopy.map(file, POSITION, BYTES);
      ByteBuffer read = PrivateCopy.read(channel, file, POSITION, BYTES);

      assertThat(read).isEqualTo(mapped).isEqualTo(ByteBuffer.wrap(content, POSITION, BYTES));
      for (int i = 0; i < BYTES; i++) {
        mapped.put(i, (byte) 1);
        read.put(i, (byte) 2);
      }
      assertThat(Files.readAllBytes(file)).isEqualTo(content);
    }
  }

  @Test
  void doesNotReadBeyondTheEnd() throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      assertThatThrownBy(() -> PrivateCopy.read(channel, file, POSITION, BYTES + 2))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("ends at byte " + content.length);
    }
  }
}
