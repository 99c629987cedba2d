package io.github.gptoss.spark.internal.batch;

import io.github.gptoss.engine.FinishReason;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.Usage;
import io.github.gptoss.spark.internal.completions.CompletionKey;
import io.github.gptoss.spark.internal.completions.CompletionStore;
import io.github.gptoss.spark.internal.journal.Journal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.util.CollectionAccumulator;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Completions a second that are found in a folder on a local disk which holds more of them than are
 * kept in memory. Needs Spark on the class path; docs/performance.md has the command.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 5)
@Measurement(iterations = 3, time = 5)
@Fork(1)
public class CacheHitsBenchmark {
  private static final String RUN = "benchmark";

  /** 130 MB, where 32 are kept in memory. */
  private static final int ROWS = 1 << 15;

  private static final int ASKED = 1 << 10;
  private static final int TOKENS = 400;

  /** {@code written}: rows come back in the order in which they were written. */
  @Param({"written", "any"})
  public String order;

  private final List<Integer> rows = new ArrayList<>();
  private Path folder;
  private Journal journal;
  private CompletionStore store;
  private int at;

  @Setup
  public void keepCompletions() throws IOException {
    folder = Files.createTempDirectory("gptoss-benchmark");
    journal =
        new Journal(
            RUN,
            folder.toString(),
            1_000_000,
            new Configuration(),
            new CollectionAccumulator<>(),
            new CollectionAccumulator<>());
    Random random = new Random(5);
    try (CompletionStore writing = journal.open()) {
      for (int i = 0; i < ROWS; i++) {
        rows.add(i);
        writing.put(key(i), result(random));
      }
    }
    Journal.flush(RUN);
    if (order.equals("any")) {
      Collections.shuffle(rows, random);
    }
    store = journal.open();
  }

  private static CompletionKey key(int row) {
    // The first word is a hash's, as SplitMix64 has it.
    long word = row * 0x9E3779B97F4A7C15L;
    return new CompletionKey(word ^ word >>> 29, row, 0, 0);
  }

  private static GenerationResult result(Random random) {
    return new GenerationResult(
        random.ints(TOKENS, 0, 200_000).toArray(),
        FinishReason.STOP,
        new Usage(TOKENS, TOKENS, TOKENS / 2, 0),
        "response ".repeat(TOKENS / 2),
        null,
        "reason ".repeat(TOKENS / 2),
        null,
        List.of(),
        false,
        List.of(),
        null);
  }

  @Benchmark
  @OperationsPerInvocation(ASKED)
  public long find() {
    long bytes = 0;
    for (int i = 0; i < ASKED; i++) {
      int row = rows.get(at++ % ROWS);
      int[] found = {0};
      if (!store.find(key(row), (vectors, place) -> found[0] = vectors.response(place).length())) {
        throw new IllegalStateException("row " + row + " is not there");
      }
      bytes += found[0];
    }
    return bytes;
  }

  @TearDown
  public void deleteJournal() throws IOException {
    store.close();
    journal.delete();
    Files.deleteIfExists(folder);
  }
}
