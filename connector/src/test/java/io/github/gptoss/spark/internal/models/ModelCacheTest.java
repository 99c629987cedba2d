package io.github.gptoss.spark.internal.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelCacheTest {
  private static final String ADDRESS = "fake://bucket/model";
  private static final Retries QUICK = new Retries(3, 1, 2, 1 << 20);
  private static final int BYTES = 100_000;
  private static final String PART = "model-00002-of-00003.safetensors";

  @TempDir Path root;

  private final FakeSource source = new FakeSource("aaaaaaaaaaaaaaaa", BYTES);

  private ModelCache cache() {
    return new ModelCache(root, QUICK, 8192, folder -> 1L << 40);
  }

  private Path obtain(FakeSource from) {
    return obtain(cache(), from, false, CopyProgress.Listener.NONE);
  }

  private static Path obtain(
      ModelCache cache, FakeSource from, boolean hashes, CopyProgress.Listener listener) {
    try (LocalModel model = cache.obtain(ADDRESS, from.list(), from, hashes, listener)) {
      return Path.of(model.path());
    }
  }

  private static void assertHolds(Path folder, FakeSource source) throws IOException {
    for (var file : source.files.entrySet()) {
      assertThat(Files.readAllBytes(folder.resolve(file.getKey())))
          .as(file.getKey())
          .isEqualTo(file.getValue());
    }
  }

  @Test
  void copiesOnceAndFindsItAgain() throws IOException {
    Path folder = obtain(source);
    assertHolds(folder, source);
    assertThat(obtain(source)).isEqualTo(folder);
    assertThat(cache().find(ADDRESS, source.version, true)).contains(folder);
    assertThat(source.servedBytes).hasValue(3 * BYTES + 2);
    assertThat(folder.getFileName().toString()).startsWith("bucket-model-");
  }

  @Test
  void goesOnAfterAFailureWithoutCopyingAgain() throws IOException {
    source.failsAtByte = 50_000;
    assertThatExceptionOfType(GptOssException.class)
        .isThrownBy(() -> obtain(source))
        .withMessageContaining("50,000 of 100,000")
        .withMessageContaining("the net broke");
    assertThat(cache().find(ADDRESS, source.version, false)).isEmpty();
    source.failsAtByte = Long.MAX_VALUE;
    assertHolds(obtain(source), source);
    // Of each of three files at most its last chunk came twice, and the read that was in flight
    // when another file's failure interrupted the copy.
    long twice = 8192 + FakeSource.READ_BYTES;
    assertThat(source.servedBytes.get()).isBetween(3L * BYTES, 3L * (BYTES + twice) + 4);
  }

  @Test
  void mendsAFileThatWasDamagedAndLeavesTheOthers() throws IOException {
    Path folder = obtain(source);
    byte[] content = Files.readAllBytes(folder.resolve(PART));
    content[77] ^= 1;
    Files.write(folder.resolve(PART), content);
    Files.setLastModifiedTime(folder.resolve(PART), FileTime.fromMillis(1));
    source.servedBytes.set(0);
    assertThat(cache().find(ADDRESS, source.version, false)).isEmpty();
    assertHolds(obtain(source), source);
    assertThat(source.servedBytes).hasValue(BYTES);
    Files.write(folder.resolve(PART), new byte[3]);
    Files.delete(folder.resolve("config.json"));
    assertHolds(obtain(source), source);
  }

  @Test
  void seesDamageThatLeavesNoTraceOnlyWhereItHashes() throws IOException {
    Path file = obtain(source).resolve(PART);
    FileTime before = Files.getLastModifiedTime(file);
    byte[] content = Files.readAllBytes(file);
    content[77] ^= 1;
    Files.write(file, content);
    Files.setLastModifiedTime(file, before);
    assertThat(cache().find(ADDRESS, source.version, false)).isPresent();
    assertThat(cache().find(ADDRESS, source.version, true)).isEmpty();
    assertThat(obtain(cache(), source, true, CopyProgress.Listener.NONE))
        .isEqualTo(file.getParent());
    assertHolds(file.getParent(), source);
  }

  @Test
  void keepsAFileThatWasOnlyTouched() throws IOException {
    Path folder = obtain(source);
    Files.setLastModifiedTime(folder.resolve(PART), FileTime.fromMillis(1));
    assertThat(cache().find(ADDRESS, source.version, false)).contains(folder);
  }

  @Test
  void copiesAgainWhereTheManifestIsNoManifest() throws IOException {
    Path folder = obtain(source);
    for (String text : List.of("", "{", "[]", "null", "{\"files\":[{\"name\":\"../x\"}]}")) {
      Files.writeString(folder.resolve("gptoss-manifest.json"), text);
      assertHolds(obtain(source), source);
    }
  }

  @Test
  void keepsVersionsApart() throws IOException {
    FakeSource other = new FakeSource("bbbbbbbbbbbbbbbb", BYTES);
    Path first = obtain(source);
    Path second = obtain(other);
    assertThat(first).isNotEqualTo(second);
    assertHolds(first, source);
    assertHolds(second, other);
  }

  @Test
  void throwsAwayACopyWhoseSourceChangedMeanwhile() throws IOException {
    ModelListing listing = source.list();
    source.version = "bbbbbbbbbbbbbbbb";
    assertThatExceptionOfType(GptOssException.class)
        .isThrownBy(
            () -> cache().obtain(ADDRESS, listing, source, false, CopyProgress.Listener.NONE))
        .withMessageContaining("changed while");
    try (var files = Files.list(cache().folder(ADDRESS, listing.version()))) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void saysThatTheSourceChangedWhereThatIsWhyReadingFails() {
    ModelListing listing = source.list();
    source.failsAtByte = BYTES / 2;
    source.beforeFailing = () -> source.version = "bbbbbbbbbbbbbbbb";
    assertThatExceptionOfType(GptOssException.class)
        .isThrownBy(
            () -> cache().obtain(ADDRESS, listing, source, false, CopyProgress.Listener.NONE))
        .withMessageContaining("changed while");
    // What was copied of either version is of no use to a later copy.
    assertThat(cache().folder(ADDRESS, listing.version())).isEmptyDirectory();
  }

  @Test
  void writesNumbersAlikeEverywhere() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      assertThat(new CopyProgress("a", false, 1536, 5L << 30, 1).line())
          .isEqualTo("a: 1.5 KiB of 5.0 GiB (0%), 0.0 KiB/s, 5,368,707,584 s left");
      assertThat(
              ModelErrors.gaveUp("a", new ModelFile("b", 5000, null), 1000, new IOException("c")))
          .hasMessageContaining("1,000 of 5,000");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void looksForSpaceBeforeItCopiesAndSaysTheNumbers() {
    ModelCache full = new ModelCache(root, QUICK, 8192, folder -> 1_000_000);
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(
            () -> full.obtain(ADDRESS, source.list(), source, false, CopyProgress.Listener.NONE))
        .withMessageContaining("1,000,000 of 67,408,866 bytes")
        .withMessageContaining("model_cache_dir")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    assertThat(source.servedBytes).hasValue(0);
  }

  @Test
  void saysThatTheCacheCannotBeWritten() throws IOException {
    Path file = Files.createFile(root.resolve("file"));
    ModelCache cache = new ModelCache(file, QUICK, 8192, folder -> 1L << 40);
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(
            () -> cache.obtain(ADDRESS, source.list(), source, false, CopyProgress.Listener.NONE))
        .withMessageContaining("model_cache_dir");
  }

  @Test
  void letsManyThreadsShareOneCopy() throws Exception {
    List<CompletableFuture<Path>> all = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      all.add(CompletableFuture.supplyAsync(() -> obtain(source)));
    }
    for (CompletableFuture<Path> one : all) {
      assertHolds(one.get(), source);
    }
    assertThat(source.servedBytes).hasValue(3 * BYTES + 2);
    assertThat(source.opened).hasValue(4);
  }

  @Test
  void tellsItsListenerWhenItIsDone() {
    List<CopyProgress> heard = new ArrayList<>();
    assertThat(obtain(cache(), source, false, heard::add)).isDirectory();
    CopyProgress last = heard.get(heard.size() - 1);
    assertThat(last.bytes()).isEqualTo(last.totalBytes()).isEqualTo(3 * BYTES + 2);
    assertThat(last.line()).startsWith("fake://model: 293.0 KiB of 293.0 KiB (100%)");
  }
}
