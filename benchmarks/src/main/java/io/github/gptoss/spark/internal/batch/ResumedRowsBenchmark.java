package io.github.gptoss.spark.internal.batch;

import io.github.gptoss.engine.FinishReason;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.Usage;
import io.github.gptoss.engine.constraint.TurnSpec;
import io.github.gptoss.engine.harmony.ConversationBuilder;
import io.github.gptoss.engine.harmony.HarmonyEncoding;
import io.github.gptoss.spark.internal.completions.CompletionKeys;
import io.github.gptoss.spark.internal.completions.CompletionOrigin;
import io.github.gptoss.spark.internal.completions.CompletionStore;
import io.github.gptoss.spark.internal.completions.CompletionType;
import io.github.gptoss.spark.internal.engine.EngineRegistry;
import io.github.gptoss.spark.internal.journal.Journal;
import io.github.gptoss.spark.internal.options.OptionValues;
import io.github.gptoss.spark.internal.prompts.PromptRow;
import io.github.gptoss.spark.internal.prompts.RequestTemplate;
import io.github.gptoss.spark.internal.tools.ToolData;
import java.io.IOException;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.types.UTF8String;
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
 * The connector's own path over rows whose completions a journal holds, rows a second of one task:
 * rendering, keys, the journal, and rows with their completions. Nothing is generated. Needs Spark
 * on the class path; docs/performance.md has the command.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 5)
@Measurement(iterations = 5, time = 5)
@Fork(1)
public class ResumedRowsBenchmark {
  private static final int ROWS = 4096;
  private static final String[] WORDS = {
    "the ",
    "invoice ",
    "of ",
    "march ",
    "was ",
    "paid ",
    "twice, ",
    "please ",
    "refund ",
    "customer "
  };

  /** Words of a prompt, about as many tokens. */
  @Param({"100", "1000"})
  public int promptWords;

  /** Words of an answer, about as many tokens. */
  @Param({"20", "400"})
  public int answerWords;

  @Param({"false", "true"})
  public boolean includeTokens;

  private final List<AskingRow> rows = new ArrayList<>();
  private OptionValues options;
  private Path folder;
  private Journal journal;

  @Setup
  public void keepCompletions() throws IOException {
    options =
        OptionValues.resolve(
            Map.of("model", "demo", "include_tokens", Boolean.toString(includeTokens)), Map.of());
    folder = Files.createTempDirectory("gptoss-benchmark");
    journal =
        new Journal(
            "benchmark",
            folder.toString(),
            1_000_000,
            new Configuration(),
            new CollectionAccumulator<>(),
            new CollectionAccumulator<>());
    UnsafeProjection keep =
        UnsafeProjection.create(new DataType[] {DataTypes.LongType, DataTypes.StringType});
    RequestTemplate template = new RequestTemplate(options);
    Random random = new Random(5);
    try (EngineRegistry.Lease lease = lease();
        CompletionStore store = journal.open()) {
      CompletionKeys keys =
          new CompletionKeys("demo", lease.config().backend(), lease.engine().info());
      for (long i = 0; i < ROWS; i++) {
        String prompt = i + " " + words(random, promptWords);
        UnsafeRow kept =
            keep.apply(new GenericInternalRow(new Object[] {i, UTF8String.fromString(prompt)}));
        rows.add(new AskingRow(kept.copy(), PromptRow.of(prompt, false)));
        int[] ids =
            HarmonyEncoding.gptOss()
                .renderForCompletion(ConversationBuilder.ofPrompt(prompt).build());
        store.put(
            keys.of(template.request(IntBuffer.wrap(ids), TurnSpec.FREE)),
            result(random, ids.length));
      }
    }
    Journal.flush("benchmark");
  }

  private EngineRegistry.Lease lease() {
    return EngineRegistry.shared().acquire(options, () -> {});
  }

  private static String words(Random random, int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append(WORDS[random.nextInt(WORDS.length)]);
    }
    return text.toString();
  }

  private GenerationResult result(Random random, int inputTokens) {
    return new GenerationResult(
        random.ints(answerWords, 0, 200_000).toArray(),
        FinishReason.STOP,
        new Usage(inputTokens, answerWords, answerWords / 2, 64),
        words(random, answerWords - answerWords / 2),
        null,
        words(random, answerWords / 2),
        null,
        List.of(),
        false,
        List.of(),
        null);
  }

  @Benchmark
  @OperationsPerInvocation(ROWS)
  public long resume() {
    int[] resumed = {0};
    Iterator<InternalRow> completed =
        CompletionIterator.start(
            rows.iterator(),
            new InternalRows(
                new DataType[] {DataTypes.LongType, DataTypes.StringType},
                CompletionType.of(options)),
            options,
            ToolData.NONE,
            (result, origin, endedMillis) ->
                resumed[0] += origin == CompletionOrigin.RESUMED ? 1 : 0,
            false,
            journal,
            CompletionStore.Factory.NONE);
    long bytes = 0;
    while (completed.hasNext()) {
      bytes += ((UnsafeRow) completed.next()).getSizeInBytes();
    }
    if (resumed[0] != ROWS) {
      throw new IllegalStateException(resumed[0] + " rows of " + ROWS + " were resumed");
    }
    return bytes;
  }

  @TearDown
  public void deleteJournal() throws IOException {
    journal.delete();
    Files.deleteIfExists(folder);
  }
}
