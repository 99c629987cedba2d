package io.github.gptoss.engine.weights;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.error.InvalidModelException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Whatever the damage, a checkpoint opens or says in one line why not. */
class RandomDamageTest {
  private static final int HEADER_BYTES = 2_000;
  private static Path folder;

  /** One byte of a file, or one cut. */
  record Change(String file, int position, byte value, boolean cut) {}

  @BeforeContainer
  static void copy() throws IOException {
    folder = GoldenModels.copy(GoldenModels.SHARDED, Files.createTempDirectory("damaged"));
  }

  @AfterContainer
  static void delete() throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException e)
              throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  @Property(tries = 500)
  void opensOrGivesOneLine(@ForAll("changes") Change change) throws IOException {
    Path file = folder.resolve(change.file());
    byte[] sound = Files.readAllBytes(file);
    byte[] damaged = sound.clone();
    int position = change.position() % Math.min(HEADER_BYTES, sound.length);
    damaged[position] = change.value();
    try {
      Files.write(file, change.cut() ? Arrays.copyOf(damaged, position) : damaged);
      try (Checkpoint checkpoint = Checkpoint.open(folder)) {
        checkpoint.verifyScales();
        assertThat(checkpoint.config().layers()).isEqualTo(3);
      } catch (InvalidModelException e) {
        assertThat(e)
            .message()
            .startsWith(folder.toString())
            .endsWith(".")
            .matches("[^\\x00-\\x1F]+");
      }
    } finally {
      Files.write(file, sound);
    }
  }

  @Provide
  Arbitrary<Change> changes() {
    return Combinators.combine(
            Arbitraries.of(
                List.of(
                    "config.json",
                    "model.safetensors.index.json",
                    "model-00000-of-00002.safetensors",
                    "model-00002-of-00002.safetensors")),
            Arbitraries.integers().between(0, HEADER_BYTES - 1),
            Arbitraries.frequencyOf(
                Tuple.of(1, Arbitraries.bytes()),
                Tuple.of(
                    2,
                    Arbitraries.of(
                        "0123456789-.,:\"{}[]\\ne".chars().mapToObj(c -> (byte) c).toList()))),
            Arbitraries.frequency(Tuple.of(9, false), Tuple.of(1, true)))
        .as(Change::new);
  }
}
