package io.github.gptoss.spark.internal.models;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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

  /** A killed process leaves a file of any length; a power failure loses what was not forced. */
  @Property(tries = 300)
  void goesOnFromTheLastChunkThatIsSurelyOnTheDisk(
      @ForAll long seed,
      @ForAll @IntRange(max = 5 * CHUNK + 1) int length,
      @ForAll @IntRange(max = 100) int writtenPercent,
      @ForAll boolean isPowerLost)
      throws IOException {
    inFolder(
        target -> {
          byte[] content = content(seed, length);
          int written = length * writtenPercent / 100;
          try (PartialFile file = PartialFile.open(target, CHUNK)) {
            write(file, content, 0, written);
          }
          int forced = forced(written);
          int found = isPowerLost ? loseFrom(forced, written, target, new Random(seed)) : written;
          try (PartialFile file = PartialFile.open(target, CHUNK)) {
            int kept = (int) file.bytes();
            assertThat(kept).isEqualTo(forced(found));
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

  /** What the class promises to have on the disk of a file that is this long. */
  private static int forced(int length) {
    return length == 0 ? 0 : (length - 1) / CHUNK * CHUNK;
  }

  /** Alters bytes that were not forced, and cuts some off. Returns the length that is left. */
  private static int loseFrom(int forced, int written, Path target, Random random)
      throws IOException {
    Path data = PartialFile.partialOf(target);
    byte[] bytes = Files.readAllBytes(data);
    assertThat(bytes).hasSize(written);
    Arrays.fill(bytes, forced, written, (byte) 0);
    int left = forced + random.nextInt(written - forced + 1);
    Files.write(data, Arrays.copyOf(bytes, left));
    return left;
  }

  @Property(tries = 100)
  void showsInItsDigestWhatAnotherProgramAltered(
      @ForAll long seed, @ForAll @IntRange(min = CHUNK + 1, max = 4 * CHUNK) int length)
      throws IOException {
    inFolder(
        target -> {
          byte[] content = content(seed, length);
          try (PartialFile file = PartialFile.open(target, CHUNK)) {
            write(file, content, 0, length);
          }
          byte[] altered = content.clone();
          altered[new Random(seed).nextInt(forced(length))] ^= 1;
          Files.write(PartialFile.partialOf(target), altered);
          try (PartialFile file = PartialFile.open(target, CHUNK)) {
            write(file, content, (int) file.bytes(), length);
            assertThat(file.sha256()).isEqualTo(HubServer.hex("SHA-256", altered));
            file.discard();
            write(file, content, 0, length);
            assertThat(file.sha256()).isEqualTo(HubServer.hex("SHA-256", content));
          }
        });
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
            assertThat(file.gitSha1()).isEqualTo(gitSha1(right));
            assertThat(file.sha256()).isEqualTo(HubServer.hex("SHA-256", right));
            file.complete();
          }
          assertThat(Files.readAllBytes(target)).isEqualTo(right);
        });
  }

  private static String gitSha1(byte[] content) {
    byte[] header = ("blob " + content.length + "\0").getBytes(StandardCharsets.US_ASCII);
    byte[] blob = Arrays.copyOf(header, header.length + content.length);
    System.arraycopy(content, 0, blob, header.length, content.length);
    return HubServer.hex("SHA-1", blob);
  }
}
