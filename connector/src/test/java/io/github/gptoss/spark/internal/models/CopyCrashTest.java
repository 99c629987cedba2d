package io.github.gptoss.spark.internal.models;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes: one that is killed while it copies, and two at once. */
class CopyCrashTest {
  private static final FakeSource MODEL = new FakeSource("aaaaaaaaaaaaaaaa", CopyProcess.BYTES);
  private static final long ALL = MODEL.list().bytes();

  @TempDir Path root;

  private Path folder() {
    return CopyProcess.cache(root).folder(CopyProcess.ADDRESS, MODEL.version);
  }

  private long bytesOnDisk() throws IOException {
    if (!Files.isDirectory(folder())) {
      return 0;
    }
    try (var files = Files.list(folder())) {
      return files
          .filter(file -> file.toString().endsWith(PartialFile.SUFFIX))
          // The manifest of the copy is not one of the model's files.
          .filter(file -> !file.getFileName().toString().startsWith("gptoss-manifest"))
          .mapToLong(file -> file.toFile().length())
          .sum();
    }
  }

  private void assertWhole() throws IOException {
    assertThat(CopyProcess.cache(root).find(CopyProcess.ADDRESS, MODEL.version, true))
        .contains(folder());
    for (var file : MODEL.files.entrySet()) {
      assertThat(Files.readAllBytes(folder().resolve(file.getKey()))).isEqualTo(file.getValue());
    }
  }

  private static long copied(Process process) throws Exception {
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).isZero();
    return Long.parseLong(output.strip().replace("copied ", ""));
  }

  @Test
  void goesOnAfterTheCopyingProcessWasKilled() throws Exception {
    Process killed = CopyProcess.start(root, 200);
    Instant end = Instant.now().plus(Duration.ofSeconds(60));
    while (bytesOnDisk() < ALL / 3) {
      assertThat(killed.isAlive()).isTrue();
      assertThat(Instant.now()).isBefore(end);
      Thread.sleep(10);
    }
    killed.destroyForcibly().waitFor();
    assertThat(CopyProcess.cache(root).find(CopyProcess.ADDRESS, MODEL.version, false)).isEmpty();
    long present = bytesOnDisk();

    long copied = copied(CopyProcess.start(root, 0));
    assertWhole();
    // Of each of three files the last chunk may be wrong, and is copied again.
    assertThat(copied).isBetween(ALL - present, ALL - present + 3 * CopyProcess.CHUNK_BYTES);
  }

  @Test
  void letsTwoProcessesShareOneCopy() throws Exception {
    Process first = CopyProcess.start(root, 50);
    Process second = CopyProcess.start(root, 50);
    assertThat(copied(first) + copied(second)).isEqualTo(ALL);
    assertWhole();
  }

  @Test
  void takesOverFromAProcessThatDies() throws Exception {
    Process first = CopyProcess.start(root, 400);
    Instant end = Instant.now().plus(Duration.ofSeconds(60));
    while (bytesOnDisk() == 0) {
      assertThat(Instant.now()).isBefore(end);
      Thread.sleep(10);
    }
    Process second = CopyProcess.start(root, 0);
    Thread.sleep(700);
    assertThat(second.isAlive()).isTrue();
    first.destroyForcibly().waitFor();
    assertThat(copied(second)).isPositive();
    assertWhole();
  }
}
