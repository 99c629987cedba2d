package io.github.gptoss.spark.internal.models;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.error.GptOssException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CachedModelsTest {
  private static final String ADDRESS = "fake://bucket/model";
  private static final int BYTES = 1000;

  @TempDir Path root;

  private final FakeSource first = new FakeSource("aaaaaaaaaaaaaaaa", BYTES);
  private final FakeSource second = new FakeSource("bbbbbbbbbbbbbbbb", BYTES);

  private CachedModels models() {
    return CachedModels.in(root.toString());
  }

  private LocalModel open(String address, FakeSource source) {
    return CopyProcess.cache(root)
        .obtain(address, source.list(), source, false, CopyProgress.Listener.NONE);
  }

  /** A version that was used so many days ago. */
  private Path used(String address, FakeSource source, int daysAgo) throws IOException {
    Path folder;
    try (LocalModel model = open(address, source)) {
      folder = Path.of(model.path());
    }
    age(folder, daysAgo);
    return folder;
  }

  private static void age(Path folder, int daysAgo) throws IOException {
    FileTime time = FileTime.from(Instant.now().minus(Duration.ofDays(daysAgo)));
    try (var files = Files.list(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.setLastModifiedTime(file, time);
      }
    }
  }

  private List<Path> prune(CachedModels.Which which, int days, boolean isDryRun) {
    return models().prune(which, Duration.ofDays(days), isDryRun).stream()
        .map(CachedModel::folder)
        .toList();
  }

  @Test
  void listsNothingWhereThereIsNoCache() {
    assertThat(CachedModels.in(root.resolve("nowhere").toString()).list()).isEmpty();
  }

  @Test
  void listsEachVersionOnce() throws IOException {
    Path old = used(ADDRESS, first, 3);
    Path now = used(ADDRESS, second, 1);
    Path other = used("fake://bucket/another", first, 2);
    List<CachedModel> list = models().list();
    assertThat(list).extracting(CachedModel::folder).containsExactly(other, now, old);
    assertThat(list)
        .extracting(CachedModel::version)
        .containsExactly(first.version, second.version, first.version);
    assertThat(list.get(2).address()).isEqualTo(ADDRESS);
    assertThat(list.get(2).bytes())
        .isEqualTo(3 * BYTES + 2 + Files.size(old.resolve("gptoss-manifest.json")));
    assertThat(list.get(2).lastUsed())
        .isBetween(
            Instant.now().minus(Duration.ofDays(4)), Instant.now().minus(Duration.ofDays(2)));
    assertThat(list).allMatch(CachedModel::isWhole).noneMatch(CachedModel::isHeld);
  }

  @Test
  void countsAsUsedWhatIsOpenedAgain() throws IOException {
    Path folder = used(ADDRESS, first, 9);
    Instant before = Instant.now().minus(Duration.ofMinutes(1));
    try (LocalModel model =
        CopyProcess.cache(root).open(ADDRESS, first.version, false).orElseThrow()) {
      assertThat(model.path()).isEqualTo(folder.toString());
    }
    assertThat(models().list().get(0).lastUsed()).isAfter(before);
  }

  @Test
  void removesWhatALaterVersionSupersedes() throws IOException {
    Path old = used(ADDRESS, first, 3);
    Path now = used(ADDRESS, second, 1);
    Path other = used("fake://bucket/another", first, 9);
    assertThat(prune(CachedModels.Which.SUPERSEDED, 4, false)).isEmpty();
    assertThat(prune(CachedModels.Which.SUPERSEDED, 0, true)).containsExactly(old);
    assertThat(old).isDirectory();
    assertThat(prune(CachedModels.Which.SUPERSEDED, 2, false)).containsExactly(old);
    assertThat(old).doesNotExist();
    assertThat(models().list()).extracting(CachedModel::folder).containsExactly(other, now);
    assertThat(prune(CachedModels.Which.ALL, 5, false)).containsExactly(other);
    assertThat(prune(CachedModels.Which.ALL, 0, false)).containsExactly(now);
    assertThat(models().list()).isEmpty();
    // A removed version is copied again.
    assertThat(used(ADDRESS, first, 0)).isEqualTo(old).isDirectory();
  }

  @Test
  void keepsACopyInPartsUntilAWholeOneIsUsedAfterIt() throws IOException {
    Path whole = used(ADDRESS, first, 3);
    second.failsAtByte = BYTES / 2;
    assertThatExceptionOfType(GptOssException.class)
        .isThrownBy(() -> open(ADDRESS, second).close());
    Path parts = CopyProcess.cache(root).folder(ADDRESS, second.version);
    CachedModel listed = models().list().get(0);
    assertThat(listed.folder()).isEqualTo(parts);
    assertThat(listed.address()).isEqualTo(ADDRESS);
    assertThat(listed.version()).isEqualTo(second.version);
    assertThat(listed.isWhole()).isFalse();
    assertThat(prune(CachedModels.Which.SUPERSEDED, 0, false)).isEmpty();
    age(parts, 4);
    assertThat(prune(CachedModels.Which.SUPERSEDED, 0, false)).containsExactly(parts);
    assertThat(whole).isDirectory();
  }

  @Test
  void neverRemovesWhatThisProcessHolds() throws IOException {
    Path folder = used(ADDRESS, first, 3);
    LocalModel one = open(ADDRESS, first);
    LocalModel two = open(ADDRESS, first);
    one.close();
    one.close();
    assertThat(models().list()).allMatch(CachedModel::isHeld);
    assertThat(prune(CachedModels.Which.ALL, 0, true)).isEmpty();
    assertThat(prune(CachedModels.Which.ALL, 0, false)).isEmpty();
    assertThat(folder).isDirectory();
    two.close();
    assertThat(prune(CachedModels.Which.ALL, 0, false)).containsExactly(folder);
  }

  @Test
  void neverRemovesWhatAnotherProcessHoldsOrCopies() throws Exception {
    Process process = CopyProcess.start(root, 50, "hold");
    try {
      while (models().list().isEmpty()) {
        assertThat(process.isAlive()).isTrue();
        Thread.sleep(10);
      }
      Path folder = models().list().get(0).folder();
      assertThat(prune(CachedModels.Which.ALL, 0, false)).isEmpty();
      // Printed once the copy is whole and open.
      assertThat(process.getInputStream().read()).isEqualTo('c');
      assertThat(models().list())
          .singleElement()
          .matches(CachedModel::isWhole)
          .matches(CachedModel::isHeld);
      assertThat(prune(CachedModels.Which.ALL, 0, false)).isEmpty();
      process.destroyForcibly().waitFor();
      assertThat(models().list()).noneMatch(CachedModel::isHeld);
      assertThat(prune(CachedModels.Which.ALL, 0, false)).containsExactly(folder);
    } finally {
      process.destroyForcibly();
    }
  }

  /** The operating system drops a process's locks on a file that any of its threads closes. */
  @Test
  void keepsItsHoldWhateverElseThisProcessDoesWithTheLock() throws Exception {
    Path folder = used(ADDRESS, first, 3);
    try (LocalModel model = open(ADDRESS, first)) {
      open(ADDRESS, first).close();
      assertThat(models().list()).allMatch(CachedModel::isHeld);
      assertThat(prune(CachedModels.Which.ALL, 0, false)).isEmpty();
      Thread waiting =
          new Thread(
              () -> {
                try (CacheLock lock =
                    CacheLock.take(ModelCache.holdFile(folder), false, ADDRESS, () -> {})) {
                  throw new AssertionError("took a lock that is held: " + lock);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                } catch (GptOssException interrupted) {
                  assertThat(Thread.currentThread().isInterrupted()).isTrue();
                }
              });
      waiting.start();
      waiting.interrupt();
      waiting.join();
      assertThat(removedByAnotherProcess()).isZero();
      assertThat(Path.of(model.path())).isDirectory();
    }
    assertThat(removedByAnotherProcess()).isOne();
    assertThat(folder).doesNotExist();
  }

  private int removedByAnotherProcess() throws Exception {
    Process process = CopyProcess.start(root, 0, "prune");
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).isZero();
    return Integer.parseInt(output.strip());
  }

  /** As the command line runs it: this project, Jackson and SLF4J, nothing else. */
  @Test
  void needsNoClassOfSparkOrHadoop() throws Exception {
    Path folder = used(ADDRESS, first, 3);
    List<URL> path = new ArrayList<>();
    String tested =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    for (String entry : tested.split(java.io.File.pathSeparator, -1)) {
      if (entry.matches(
          ".*(/classes/?|/gptoss-spark-engine[^/]*|/jackson-[^/]*|/slf4j-api-[^/]*)")) {
        path.add(Path.of(entry).toUri().toURL());
      }
    }
    try (URLClassLoader bare =
        new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      Class<?> type = bare.loadClass(CachedModels.class.getName());
      Class<?> which = bare.loadClass(CachedModels.Which.class.getName());
      Object models = type.getMethod("in", String.class).invoke(null, root.toString());
      assertThat((List<?>) type.getMethod("list").invoke(models)).hasSize(1);
      Object all = which.getEnumConstants()[1];
      assertThat(
              (List<?>)
                  type.getMethod("prune", which, Duration.class, boolean.class)
                      .invoke(models, all, Duration.ZERO, false))
          .hasSize(1);
    }
    assertThat(folder).doesNotExist();
  }
}
