package io.github.gptoss.spark.internal.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.fail;

import io.github.gptoss.engine.FinishReason;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.Usage;
import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.spark.internal.arrow.ArrowMemory;
import io.github.gptoss.spark.internal.completions.CompletionKey;
import io.github.gptoss.spark.internal.completions.CompletionSchema;
import io.github.gptoss.spark.internal.completions.CompletionStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.CollectionAccumulator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The journal on files. */
class JournalTest {
  private static final long SELDOM = 1_000_000;

  @TempDir Path folder;

  private final CollectionAccumulator<SkippedSegment> skipped = new CollectionAccumulator<>();
  private final CollectionAccumulator<Long> lost = new CollectionAccumulator<>();

  private final Set<String> runs = new HashSet<>();

  @AfterEach
  void end() {
    runs.forEach(Journal::flush);
    assertThat(ArrowMemory.allocatedBytes()).isZero();
  }

  private Journal journal(String run) {
    runs.add(run);
    return new Journal(
        run, folder.resolve("journal").toString(), SELDOM, new Configuration(), skipped, lost);
  }

  private static CompletionKey key(int i) {
    return new CompletionKey(i, 1, 2, 3);
  }

  private static GenerationResult result(int i) {
    return new GenerationResult(
        new int[] {i},
        FinishReason.STOP,
        new Usage(1, 1, 0, 0),
        "answer " + i,
        null,
        "",
        null,
        List.of(),
        false,
        List.of(),
        null);
  }

  private List<Path> segments() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("journal"))) {
      return files
          .filter(file -> file.toString().endsWith(".arrow"))
          .sorted(Comparator.comparing(Path::getFileName))
          .toList();
    }
  }

  /** A run that keeps these completions and ends. */
  private void keep(String run, int from, int to) {
    Journal journal = journal(run);
    journal.create(folder.toString());
    try (CompletionStore store = journal.open()) {
      for (int i = from; i < to; i++) {
        store.put(key(i), result(i));
      }
    }
    Journal.flush(run);
  }

  private static void assertKept(InternalRow completion, int i) {
    StructType type = CompletionSchema.sample(true);
    assertThat(CatalystTypeConverters.createToScalaConverter(type).apply(completion))
        .hasToString(
            "[answer %d,,ArraySeq(),null,stop,[1,1,2,0,0],null,null,false,null,null,null,null,0,null,ArraySeq(%d)]"
                .formatted(i, i));
  }

  private List<Integer> found(CompletionStore store, int to) {
    List<Integer> found = new ArrayList<>();
    for (int i = 0; i < to; i++) {
      int expected = i;
      if (store.find(key(i), (vectors, row) -> assertKept(vectors.row(row), expected))) {
        found.add(i);
      }
    }
    return found;
  }

  @Test
  void aLaterRunFindsWhatEarlierOnesKept() {
    keep("first", 0, 10);
    keep("second", 10, 15);
    try (CompletionStore store = journal("third").open()) {
      assertThat(found(store, 20)).hasSize(15);
      assertThat(store.find(new CompletionKey(3, 0, 0, 0), (vectors, row) -> fail())).isFalse();
    }
    assertThat(journal("third").delete()).isTrue();
    assertThat(folder.resolve("journal")).doesNotExist();
    try (CompletionStore store = journal("fourth").open()) {
      assertThat(found(store, 20)).isEmpty();
    }
  }

  @Test
  void damagedSegmentsAreReportedAndTheOthersUsed() throws Exception {
    for (int i = 0; i < 6; i++) {
      keep("run" + i, i, i + 1);
    }
    List<Path> segments = segments();
    assertThat(segments).hasSize(6);
    Random random = new Random(3);
    byte[] torn = Files.readAllBytes(segments.get(0));
    replace(segments.get(0), Arrays.copyOf(torn, random.nextInt(torn.length)));
    byte[] corrupt = Files.readAllBytes(segments.get(1));
    corrupt[corrupt.length / 2] ^= 1;
    replace(segments.get(1), corrupt);
    Files.write(folder.resolve("journal/.left.tmp"), new byte[10]);
    Files.write(folder.resolve("journal/note.txt"), new byte[10]);
    try (CompletionStore store = journal("later").open()) {
      assertThat(found(store, 6)).hasSize(4);
    }
    assertThat(skipped.value()).hasSize(2);
    assertThat(skipped.value().get(0).file()).contains(segments.get(0).getFileName().toString());
    assertThat(skipped.value().get(0).reason()).startsWith("torn");
    assertThat(skipped.value().get(1).reason()).startsWith("corrupt");
  }

  /** Without the local filesystem's own checksum, which would notice first. */
  private static void replace(Path file, byte[] content) throws IOException {
    Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
    Files.write(file, content);
  }

  @Test
  void tellsWhatWasGeneratedAndNotKept() throws Exception {
    JournalFolder files =
        new JournalFolder(
            new org.apache.hadoop.fs.Path(folder.resolve("journal").toString()),
            new Configuration());
    long[] generated = {3};
    for (String name : new String[] {"one", "an-other"}) {
      JournalWriter writer = new JournalWriter(files, name, SELDOM, () -> generated[0]);
      writer.put(key(1), result(1));
      writer.flush();
      generated[0] += 10;
      writer.put(key(2), result(2));
      writer.close();
    }
    journal("later").open().close();
    // By then 13 and 23 were generated, two kept of each.
    assertThat(lost.value()).containsExactly(11L + 21L);
  }

  @Test
  void aSegmentThatIsDamagedAfterItWasIndexedIsSkipped() throws Exception {
    keep("first", 0, 3);
    try (CompletionStore store = journal("second").open()) {
      Files.delete(segments().get(0));
      assertThat(found(store, 3)).isEmpty();
    }
  }

  @Test
  void rowsAreFoundInAnyOrder() throws Exception {
    keep("first", 0, 1000);
    keep("second", 1000, 1700);
    List<Integer> order = new ArrayList<>(IntStream.range(0, 1700).boxed().toList());
    Collections.shuffle(order, new Random(5));
    try (CompletionStore store = journal("third").open()) {
      for (int i : order) {
        assertThat(store.find(key(i), (vectors, row) -> assertKept(vectors.row(row), i))).isTrue();
      }
    }
  }

  @Test
  void smallFilesArePutTogetherWhileTheyAreRead() throws Exception {
    for (int i = 0; i < 70; i++) {
      keep("run" + i, 3 * i, 3 * i + 4);
    }
    byte[] torn = Files.readAllBytes(segments().get(0));
    Files.write(folder.resolve("journal/a-000000-0.arrow"), Arrays.copyOf(torn, 100));
    JournalFolder files =
        new JournalFolder(
            new org.apache.hadoop.fs.Path(folder.resolve("journal").toString()),
            new Configuration());
    try (CompletionStore store = journal("reader").open()) {
      assertThat(found(store, 5)).hasSize(5);
      CacheCompaction.run(files, files.segments());
      // All of them in one, and the one that cannot be read.
      assertThat(segments()).hasSize(2);
      assertThat(found(store, 300)).hasSize(211);
    }
    try (CompletionStore store = journal("later").open()) {
      assertThat(found(store, 300)).hasSize(211);
    }
    CacheCompaction.run(files, files.segments());
    assertThat(segments()).hasSize(2);
  }

  @Test
  void oneAtATimePutsFilesTogether() throws Exception {
    JournalFolder files =
        new JournalFolder(new org.apache.hadoop.fs.Path(folder.toString()), new Configuration());
    assertThat(files.lock(".at-work", 60_000)).isTrue();
    assertThat(files.lock(".at-work", 60_000)).isFalse();
    // Whoever made it is gone.
    assertThat(files.lock(".at-work", -1)).isTrue();
    files.unlock(".at-work");
    assertThat(files.lock(".at-work", 60_000)).isTrue();
  }

  @Test
  void manyWritersShareTheFolder() throws Exception {
    List<JournalWriter> writers = new ArrayList<>();
    JournalFolder files =
        new JournalFolder(
            new org.apache.hadoop.fs.Path(folder.resolve("journal").toString()),
            new Configuration());
    for (int w = 0; w < 4; w++) {
      writers.add(new JournalWriter(files, "executor-" + w, 1, () -> 1));
    }
    List<Thread> threads = new ArrayList<>();
    for (int w = 0; w < 8; w++) {
      int first = w * 500;
      JournalWriter writer = writers.get(w % 4);
      Thread thread =
          new Thread(
              () -> {
                for (int i = first; i < first + 500; i++) {
                  writer.put(key(i), result(i));
                  if (i % 100 == 0) {
                    writer.flushSoon();
                  }
                }
              });
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    writers.forEach(JournalWriter::close);
    try (CompletionStore store = journal("later").open()) {
      assertThat(found(store, 4000)).hasSize(4000);
    }
    assertThat(skipped.value()).isEmpty();
  }

  @Test
  void whatCannotBeWrittenIsSaidOnceAndTriedAgainByTheNextTask() throws Exception {
    Files.writeString(folder.resolve("journal"), "in the way");
    Journal journal = journal("run");
    assertThatExceptionOfType(GptOssException.class)
        .isThrownBy(() -> journal.create(folder.toString()))
        .withMessageContaining("--journal off");
    Files.delete(folder.resolve("journal"));

    JournalFolder files =
        new JournalFolder(
            new org.apache.hadoop.fs.Path(folder.resolve("late").toString()), new Configuration());
    JournalWriter writer = new JournalWriter(files, "w", SELDOM, () -> 1);
    Files.writeString(folder.resolve("late"), "in the way");
    writer.put(key(1), result(1));
    writer.flush();
    assertThatExceptionOfType(GptOssException.class)
        .isThrownBy(writer::checkWritable)
        .withMessageContaining("late")
        .withMessageContaining("--journal off");
    Files.delete(folder.resolve("late"));
    writer.retry();
    writer.close();
    assertThat(files.segments()).hasSize(1);
  }
}
