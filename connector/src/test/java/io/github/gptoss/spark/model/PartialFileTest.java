package io.github.gptoss.spark.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class PartialFileTest {
  private static final int CHUNK = 1000;

  private interface Check {
    void run(Path target) throws IOException;
  }

  private static void inFolder(Check check) throws IOException {
    Path folder = Files.createTempDirectory("gptoss-partial");
    try {
      check.run(folder.resolve("model.safetensors"));
    } finally {
      try (var files = Files.walk(folder)) {
        files
            .sorted(Comparator.reverseOrder())
            .forEach(
                file -> {
                  try {
                    Files.delete(file);
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                });
      }
    }
  }

  private static byte[] content(long seed, int length) {
    byte[] content = new byte[length];
    new Random(seed).nextBytes(content);
    return content;
  }

  private static void write(PartialFile file, byte[] content, int from, int to) {
    byte[] part = Arrays.copyOfRange(content, from, to);
    file.write(part, part.length);
  }

  /** What power failures and other processes may leave: any cut, any flipped bit, any tail. */
  @Property(tries = 300)
  void goesOnBehindTheLastBytesThatAreRight(
      @ForAll long seed,
      @ForAll @IntRange(max = 5 * CHUNK + 1) int length,
      @ForAll @IntRange(max = 100) int writtenPercent,
      @ForAll @IntRange(max = 5) int damage)
      throws IOException {
    inFolder(
        target -> {
          byte[] content = content(seed, length);
          int written = length * writtenPercent / 100;
          try (PartialFile file = PartialFile.open(target, CHUNK)) {
            write(file, content, 0, written);
          }
          int leastKept = damage(target, new Random(seed), damage, written);
          try (PartialFile file = PartialFile.open(target, CHUNK)) {
            int kept = (int) file.bytes();
            assertThat(kept).isBetween(leastKept, written);
            assertThat(Files.readAllBytes(PartialFile.partialOf(target)))
                .isEqualTo(Arrays.copyOf(content, kept));
            write(file, content, kept, length);
            assertThat(file.sha256()).isEqualTo(HubServer.hex("SHA-256", content));
            file.complete();
          }
          assertThat(Files.readAllBytes(target)).isEqualTo(content);
          assertThat(PartialFile.partialOf(target)).doesNotExist();
        });
  }

  /** Harms the file or its journal; tells how many bytes must survive. */
  private static int damage(Path target, Random random, int kind, int written) throws IOException {
    Path data = PartialFile.partialOf(target);
    Path journal = PartialFile.journalOf(target);
    int vouched = written / CHUNK * CHUNK;
    switch (kind) {
      case 1 -> {
        int cut = random.nextInt(written + 1);
        try (FileChannel channel = FileChannel.open(data, StandardOpenOption.WRITE)) {
          channel.truncate(cut);
        }
        return cut / CHUNK * CHUNK;
      }
      case 2 -> {
        if (written == 0) {
          return 0;
        }
        byte[] bytes = Files.readAllBytes(data);
        int at = random.nextInt(written);
        bytes[at] ^= (byte) (1 << random.nextInt(8));
        Files.write(data, bytes);
        return Math.min(vouched, at / CHUNK * CHUNK);
      }
      case 3 -> {
        Files.write(data, content(random.nextLong(), 3 * CHUNK), StandardOpenOption.APPEND);
        return vouched;
      }
      case 4 -> {
        Files.write(journal, content(random.nextLong(), 37), StandardOpenOption.APPEND);
        return vouched;
      }
      case 5 -> {
        Files.delete(journal);
        return 0;
      }
      default -> {
        return vouched;
      }
    }
  }

  @Property(tries = 50)
  void takesUpAFileThatHasItsNameAlready(
      @ForAll long seed, @ForAll @IntRange(max = 3 * CHUNK) int length) throws IOException {
    inFolder(
        target -> {
          byte[] content = content(seed, length);
          try (PartialFile file = PartialFile.open(target, CHUNK)) {
            write(file, content, 0, length);
            file.complete();
          }
          try (PartialFile file = PartialFile.open(target, CHUNK)) {
            assertThat(file.bytes()).isEqualTo(length);
            assertThat(file.sha256()).isEqualTo(HubServer.hex("SHA-256", content));
          }
        });
  }

  @Property(tries = 50)
  void beginsAnewWhenItForgets(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 3 * CHUNK) int length)
      throws IOException {
    inFolder(
        target -> {
          byte[] wrong = content(seed + 1, length);
          byte[] right = content(seed, length);
          try (PartialFile file = PartialFile.open(target, CHUNK)) {
            write(file, wrong, 0, length);
            file.discard();
            assertThat(file.bytes()).isZero();
            write(file, right, 0, length);
            assertThat(file.matches(digest(right))).isTrue();
            assertThat(file.matches(digest(wrong))).isFalse();
            file.complete();
          }
          assertThat(Files.readAllBytes(target)).isEqualTo(right);
        });
  }

  private static ModelFile.Digest digest(byte[] content) {
    return new ModelFile.Digest(ModelFile.Algorithm.SHA256, HubServer.hex("SHA-256", content));
  }
}
