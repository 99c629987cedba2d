package io.github.gptoss.spark.internal.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.constraint.TurnSpec;
import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.spark.internal.arrow.ArrowMemory;
import io.github.gptoss.spark.internal.budget.Admission;
import io.github.gptoss.spark.internal.completions.CompletionKey;
import io.github.gptoss.spark.internal.completions.CompletionOrigin;
import io.github.gptoss.spark.internal.completions.CompletionSchema;
import io.github.gptoss.spark.internal.completions.CompletionStore;
import io.github.gptoss.spark.internal.completions.CompletionType;
import io.github.gptoss.spark.internal.completions.SharedCompletions;
import io.github.gptoss.spark.internal.engine.EchoEngine;
import io.github.gptoss.spark.internal.engine.EngineRegistry;
import io.github.gptoss.spark.internal.engine.TestProcess;
import io.github.gptoss.spark.internal.engine.Work;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import io.github.gptoss.spark.internal.prompts.PromptRow;
import io.github.gptoss.spark.internal.prompts.RenderedPrompt;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.apache.spark.TaskKilledException;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CompletionIteratorTest {
  private final EchoEngine engine = new EchoEngine();
  private final EngineRegistry registry = new EngineRegistry(config -> engine, TestProcess.LOCAL);
  private final AtomicBoolean killed = new AtomicBoolean();
  private final Map<String, String> more = new HashMap<>();
  private final Map<CompletionOrigin, Integer> origins = new HashMap<>();
  private final List<Integer> seen = new CopyOnWriteArrayList<>();
  private final List<Long> ended = new ArrayList<>();
  private SharedCompletions.Stage stage;
  private CompletionStore store;
  private boolean storeClosed;

  /** Whether prompts of another effort are other prompts. */
  private boolean promptsSayTheEffort;

  private final Work scope =
      () -> {
        if (killed.get()) {
          throw new TaskKilledException("test");
        }
      };

  private static final int ERROR_CODE = CompletionSchema.completion(true).fieldIndex("error_code");
  private static final int COMPLETION_TOKENS =
      CompletionSchema.completion(true).fieldIndex("completion_tokens");

  /** What is kept of a row takes these bytes, of which the first eight are its number. */
  private static final int KEPT_BYTES = 104;

  /** A row is a string "id:length"; its prompt has that many tokens, each the row's id. */
  private static AskingRow asking(String row, long number) {
    UnsafeRow kept = new UnsafeRow(1);
    kept.pointTo(new byte[KEPT_BYTES], KEPT_BYTES);
    kept.setLong(0, number);
    String[] parts = row.split(" ", -1);
    String temperature = parts.length == 1 ? null : parts[1].equals("hot") ? "abc" : "0.1";
    return new AskingRow(
        kept,
        new PromptRow(
            parts[0], false, Collections.singletonMap(OptionKey.TEMPERATURE, temperature)));
  }

  /** The row's number, and its error or the number of its completion's tokens. */
  private static InternalRow complete(AskingRow row, InternalRow completion) {
    return new GenericInternalRow(
        new Object[] {
          row.kept().getLong(0),
          completion.isNullAt(ERROR_CODE)
              ? String.valueOf(completion.getArray(COMPLETION_TOKENS).numElements())
              : completion.getUTF8String(ERROR_CODE).toString()
        });
  }

  /** Rows as strings, and "row -> error or number of tokens" out. */
  private static final class Completed implements Iterator<String>, AutoCloseable {
    private final List<String> read = new ArrayList<>();
    private CompletionIterator rows;

    Iterator<AskingRow> asking(Iterator<String> rows) {
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return rows.hasNext();
        }

        @Override
        public AskingRow next() {
          read.add(rows.next());
          return CompletionIteratorTest.asking(read.get(read.size() - 1), read.size() - 1);
        }
      };
    }

    @Override
    public boolean hasNext() {
      return rows.hasNext();
    }

    @Override
    public String next() {
      InternalRow row = rows.next();
      return read.get((int) row.getLong(0)) + " -> " + row.get(1, DataTypes.StringType);
    }

    @Override
    public void close() {
      rows.close();
    }
  }

  private RenderedPrompt render(String row, String effort, IntConsumer ids) {
    if (row.startsWith("bad")) {
      throw new InvalidRequestException("invalid_conversation", "messages: bad");
    }
    String[] parts = row.split(":", -1);
    for (int i = Integer.parseInt(parts[1]); i > 0; i--) {
      ids.accept(Integer.parseInt(parts[0]));
    }
    if (promptsSayTheEffort) {
      ids.accept(effort.length());
    }
    return new RenderedPrompt(TurnSpec.FREE, effort, null);
  }

  private Completed iterator(Iterator<String> rows, int windowRows, long windowBytes) {
    more.put("model", "demo");
    more.put("max_tokens", "10");
    more.put("include_tokens", "true");
    more.put("window_rows", "" + windowRows);
    more.put("window_bytes", "" + windowBytes);
    OptionValues options = OptionValues.resolve(more, Map.of());
    CompletionCall call =
        CompletionCall.of(
            options,
            CompletionType.of(options),
            own -> (row, ids) -> render(row.input(), own.reasoningEffort(), ids),
            ToolLoop.NONE,
            (completion, origin, endedMillis) -> {
              origins.merge(origin, 1, Integer::sum);
              seen.add(completion.usage().inputTokens());
              ended.add(endedMillis);
            });
    EngineRegistry.Lease lease = registry.acquire(EngineConfig.builder("demo").build(), scope);
    Completed completed = new Completed();
    completed.rows =
        new CompletionIterator(
            completed.asking(rows),
            CompletionIteratorTest::complete,
            call,
            lease,
            new CompletionSource("demo", lease, stage, store, null, Admission.FREE),
            scope,
            ArrowMemory.newChild("test"));
    return completed;
  }

  private static List<String> rows(int count) {
    return IntStream.range(0, count).mapToObj(i -> i + ":" + (i % 7)).toList();
  }

  private static long now() {
    return System.currentTimeMillis();
  }

  private static List<String> drain(Completed completed) {
    List<String> all = new ArrayList<>();
    completed.forEachRemaining(all::add);
    return all;
  }

  @AfterEach
  void holdsNoArrowMemory() {
    assertThat(ArrowMemory.allocatedBytes()).isZero();
  }

  @Property(tries = 60)
  void givesEveryRowItsOwnCompletionInOrder(
      @ForAll @IntRange(max = 700) int count, @ForAll @IntRange(min = 1, max = 300) int window) {
    List<String> rows = rows(count);
    assertThat(drain(iterator(rows.iterator(), window, 1 << 20)))
        .isEqualTo(rows.stream().map(r -> r + " -> " + r.split(":", -1)[1]).toList());
    assertThat(ArrowMemory.allocatedBytes()).isZero();
  }

  @Test
  void keepsTheOrderWhenTheEngineFinishesInAnother() {
    engine.answersAtOnce = false;
    List<String> rows = rows(100);
    Completed completed = iterator(rows.iterator(), 1000, 1 << 20);
    Thread answering =
        new Thread(
            () -> {
              while (engine.submitted.size() < 100) {
                Thread.onSpinWait();
              }
              for (int i = 99; i >= 0; i--) {
                engine.answer(i);
              }
            });
    answering.start();
    assertThat(drain(completed))
        .isEqualTo(rows.stream().map(r -> r + " -> " + r.split(":", -1)[1]).toList());
  }

  /** A row's prompt has as many tokens as its number, so that the observer knows it again. */
  @Test
  void tellsOfARowThatIsFinishedBeforeThoseBeforeItHaveLeft() throws Exception {
    engine.answersAtOnce = false;
    Completed completed = iterator(List.of("1:1", "2:2", "3:3").iterator(), 10, 1 << 20);
    List<String> left = new CopyOnWriteArrayList<>();
    List<Integer> seenBeforeTheFirstLeft = new ArrayList<>();
    Thread answering =
        new Thread(
            () -> {
              while (engine.submitted.size() < 3) {
                Thread.onSpinWait();
              }
              // Longest first: row 2 is the second of those submitted, row 1 the last.
              engine.answer(1);
              while (seen.isEmpty()) {
                Thread.onSpinWait();
              }
              assertThat(left).isEmpty();
              seenBeforeTheFirstLeft.addAll(seen);
              engine.answer(2);
              engine.answer(0);
            });
    answering.start();
    completed.forEachRemaining(left::add);
    answering.join();
    assertThat(seenBeforeTheFirstLeft).containsExactly(2);
    assertThat(seen).containsExactlyInAnyOrder(1, 2, 3);
    assertThat(left).containsExactly("1:1 -> 1", "2:2 -> 2", "3:3 -> 3");
  }

  @Test
  void asksARowAgainWhileOthersAreInFlight() throws Exception {
    engine.answersAtOnce = false;
    more.put("escalate_effort", "true");
    more.put("reasoning_effort", "medium");
    Completed completed = iterator(List.of("1:1", "2:2").iterator(), 10, 1 << 20);
    List<Boolean> othersWereDone = new ArrayList<>();
    Thread answering =
        new Thread(
            () -> {
              while (engine.submitted.size() < 2) {
                Thread.onSpinWait();
              }
              // Longest first: the second of them is row 1.
              engine.answer(1, " ");
              while (engine.submitted.size() < 3) {
                Thread.onSpinWait();
              }
              othersWereDone.add(engine.submitted.get(0).isDone());
              engine.answer(2, "");
              engine.answer(0);
            });
    answering.start();
    assertThat(drain(completed)).containsExactly("1:1 -> 1", "2:2 -> 2");
    answering.join();
    assertThat(othersWereDone).containsExactly(false);
    // No effort is above the one that it was asked with last.
    assertThat(engine.submitted).hasSize(3);
    assertThat(seen).containsExactlyInAnyOrder(1, 2);
  }

  @Test
  void tellsWhenTheEngineEndedARowHoweverLateItsTaskLooks() {
    engine.answersAtOnce = false;
    int group = 256;
    long[] answered = new long[2];
    Iterator<String> rows =
        new Iterator<>() {
          private int next;

          @Override
          public boolean hasNext() {
            return next <= group;
          }

          /** The last row comes late, when the engine is done with those before it. */
          @Override
          public String next() {
            if (next == group) {
              answered[0] = now();
              for (int i = 0; i < group; i++) {
                engine.answer(i);
              }
              answered[1] = now();
              engine.answersAtOnce = true;
              while (now() <= answered[1] + 1) {
                Thread.onSpinWait();
              }
            }
            return next++ + ":1";
          }
        };
    assertThat(drain(iterator(rows, 1000, 1 << 20))).hasSize(group + 1);
    assertThat(ended).hasSize(group + 1);
    assertThat(ended.subList(0, group))
        .allSatisfy(millis -> assertThat(millis).isBetween(answered[0], answered[1]));
    assertThat(ended.get(group)).isGreaterThan(answered[1]);
  }

  @Test
  void submitsTheIdsThatWereRenderedLongestFirst() {
    drain(iterator(List.of("6:0", "5:3", "7:1", "8:3").iterator(), 10, 1 << 20));
    assertThat(engine.prompts.toArray()).isEqualTo(new int[][] {{5, 5, 5}, {8, 8, 8}, {7}, {}});
  }

  @Property(tries = 40)
  void neverHoldsMoreThanTheWindowsBytes(
      @ForAll @Size(max = 120) List<@IntRange(max = 400) Integer> lengths,
      @ForAll @IntRange(min = 1, max = 3_000_000) int windowBytes) {
    List<String> rows =
        IntStream.range(0, lengths.size()).mapToObj(i -> i + ":" + lengths.get(i)).toList();
    long[] held = {0, 0};
    Iterator<String> watched =
        new Iterator<>() {
          private final Iterator<String> all = rows.iterator();

          @Override
          public boolean hasNext() {
            return all.hasNext();
          }

          @Override
          public String next() {
            // What was read before this row and has not left, Arrow memory included.
            assertThat(held[1] <= 1 || held[0] + ArrowMemory.allocatedBytes() <= windowBytes)
                .as("%d rows of %d bytes and %d", held[1], held[0], ArrowMemory.allocatedBytes())
                .isTrue();
            String row = all.next();
            held[0] += weight(row);
            held[1]++;
            return row;
          }
        };
    Completed completed = iterator(watched, 1000, windowBytes);
    int out = 0;
    String before = null;
    while (completed.hasNext()) {
      // A row is held until the next one is asked for.
      if (before != null) {
        held[0] -= weight(before);
        held[1]--;
      }
      before = rows.get(out++);
      assertThat(completed.next()).startsWith(before + " -> ");
    }
    assertThat(out).isEqualTo(rows.size());
  }

  private static long weight(String row) {
    return InFlightLimit.weight(KEPT_BYTES, Integer.parseInt(row.split(":", -1)[1]), 10, 1);
  }

  @Test
  void generatesEqualRowsOfAStageOnce() {
    stage = new SharedCompletions.Stage("app", 3);
    List<String> rows = IntStream.range(0, 600).mapToObj(i -> i % 3 + ":" + (1 + i % 3)).toList();
    List<String> expected = rows.stream().map(r -> r + " -> " + r.split(":", -1)[1]).toList();
    assertThat(drain(iterator(rows.iterator(), 100, 1 << 20))).isEqualTo(expected);
    assertThat(engine.submitted).hasSize(3);
    assertThat(origins)
        .containsOnly(
            Map.entry(CompletionOrigin.GENERATED, 3), Map.entry(CompletionOrigin.SHARED, 597));
    // Another attempt of the stage, on the same executor.
    assertThat(drain(iterator(rows.iterator(), 100, 1 << 20))).isEqualTo(expected);
    assertThat(engine.submitted).hasSize(3);
  }

  @Test
  void takesWhatAnEarlierRunKeptAndKeepsWhatItGenerates() {
    Map<CompletionKey, GenerationResult> journal = new ConcurrentHashMap<>();
    store = new MapStore(journal, () -> storeClosed = true);
    List<String> rows = IntStream.range(0, 50).mapToObj(i -> i + ":1").toList();
    List<String> first = drain(iterator(rows.subList(0, 30).iterator(), 10, 1 << 20));
    assertThat(journal).hasSize(30);
    assertThat(origins).containsOnly(Map.entry(CompletionOrigin.GENERATED, 30));
    origins.clear();
    ended.clear();
    long began = now();
    store = new MapStore(journal, () -> storeClosed = true);
    assertThat(drain(iterator(rows.iterator(), 10, 1 << 20)).subList(0, 30)).isEqualTo(first);
    assertThat(origins)
        .containsOnly(
            Map.entry(CompletionOrigin.RESUMED, 30), Map.entry(CompletionOrigin.GENERATED, 20));
    assertThat(ended).allSatisfy(millis -> assertThat(millis).isBetween(began, now()));
    assertThat(engine.submitted).hasSize(50);
    assertThat(storeClosed).isTrue();
  }

  @Test
  void asksARowAgainWhoseEarlierRunKeptWhatDoesNotDo() throws Exception {
    more.put("escalate_effort", "true");
    more.put("reasoning_effort", "low");
    promptsSayTheEffort = true;
    Map<CompletionKey, GenerationResult> journal = new ConcurrentHashMap<>();
    store = new MapStore(journal, () -> storeClosed = true);
    engine.answersAtOnce = false;
    Completed first = iterator(List.of("1:1").iterator(), 10, 1 << 20);
    Thread answering =
        new Thread(
            () -> {
              while (engine.submitted.isEmpty()) {
                Thread.onSpinWait();
              }
              engine.answer(0, " ");
              while (engine.submitted.size() < 2) {
                Thread.onSpinWait();
              }
              killed.set(true);
            });
    answering.start();
    assertThatExceptionOfType(TaskKilledException.class).isThrownBy(() -> drain(first));
    first.close();
    answering.join();
    assertThat(journal).hasSize(1);

    killed.set(false);
    engine.answersAtOnce = true;
    store = new MapStore(journal, () -> storeClosed = true);
    assertThat(drain(iterator(List.of("1:1").iterator(), 10, 1 << 20))).containsExactly("1:1 -> 2");
    assertThat(engine.submitted).hasSize(3);
    assertThat(journal).hasSize(2);
    assertThat(origins).containsOnly(Map.entry(CompletionOrigin.GENERATED, 1));
  }

  @Test
  void hasNoMoreThanTheWindowsRowsInFlight() {
    engine.answersAtOnce = false;
    AtomicInteger read = new AtomicInteger();
    Iterator<String> rows = rows(1000).iterator();
    Completed completed = iterator(counted(rows, read), 150, 1 << 20);
    CompletableFuture.runAsync(
        () -> {
          while (engine.submitted.isEmpty()) {
            Thread.onSpinWait();
          }
        });
    Thread answering = answerAsTheyCome();
    assertThat(drain(completed)).hasSize(1000);
    answering.interrupt();
    assertThat(engine.mostOpen).isBetween(100, 150);
    assertThat(read.get()).isEqualTo(1000);
  }

  private Thread answerAsTheyCome() {
    Thread answering =
        new Thread(
            () -> {
              int next = 0;
              while (!Thread.currentThread().isInterrupted()) {
                int known;
                synchronized (engine) {
                  known = engine.submitted.size();
                }
                // The last one in flight is answered last, so that the window has to be full first.
                if (next < known) {
                  engine.answer(next++);
                } else {
                  Thread.onSpinWait();
                }
              }
            });
    answering.setDaemon(true);
    answering.start();
    return answering;
  }

  private static Iterator<String> counted(Iterator<String> rows, AtomicInteger read) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public String next() {
        read.incrementAndGet();
        return rows.next();
      }
    };
  }

  @Test
  void hasNoMoreThanTheWindowsBytesInFlightButAlwaysARow() {
    engine.answersAtOnce = false;
    long weight = InFlightLimit.weight(KEPT_BYTES, 1, 10, 1);
    Completed completed =
        iterator(IntStream.range(0, 50).mapToObj(i -> i + ":1").iterator(), 1000, 3 * weight);
    Thread answering = answerAsTheyCome();
    assertThat(drain(completed)).hasSize(50);
    answering.interrupt();
    assertThat(engine.mostOpen).isLessThanOrEqualTo(3);

    engine.answersAtOnce = true;
    assertThat(drain(iterator(List.of("1:100000", "2:100000").iterator(), 10, 1))).hasSize(2);
  }

  @Test
  void turnsABadRowIntoItsOwnError() {
    assertThat(drain(iterator(List.of("1:2", "bad", "3:1").iterator(), 10, 1 << 20)))
        .containsExactly("1:2 -> 2", "bad -> invalid_conversation", "3:1 -> 1");
    assertThat(engine.submitted).hasSize(2);
  }

  @Test
  void aWrongParameterOfARowIsThatRowsError() {
    assertThat(drain(iterator(List.of("1:2", "3:1 hot", "4:1 cold").iterator(), 10, 1 << 20)))
        .containsExactly("1:2 -> 2", "3:1 hot -> invalid_parameter", "4:1 cold -> 1");
  }

  @Test
  void failsAtTheFirstBadRowIfThatIsWanted() {
    more.put("fail_on_error", "true");
    Completed completed = iterator(List.of("1:2", "2:2", "bad", "3:1").iterator(), 2, 1 << 20);
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> drain(completed))
        .withMessageContaining("row 2 of partition 0")
        .withMessageContaining("invalid_conversation")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("messages: bad"));
    completed.close();
  }

  @Test
  void aKillEndsTheWaitAndClosingCancelsWhatIsPending() {
    engine.answersAtOnce = false;
    Completed completed = iterator(rows(20).iterator(), 100, 1 << 20);
    killed.set(false);
    Thread killer =
        new Thread(
            () -> {
              while (engine.submitted.size() < 20) {
                Thread.onSpinWait();
              }
              killed.set(true);
            });
    killer.start();
    assertThatExceptionOfType(TaskKilledException.class).isThrownBy(completed::next);
    completed.close();
    assertThat(engine.submitted).hasSize(20).allMatch(CompletableFuture::isCancelled);
    assertThat(completed.hasNext()).isFalse();
  }

  @Test
  void anInterruptEndsTheWait() {
    engine.answersAtOnce = false;
    Completed completed = iterator(rows(1).iterator(), 100, 1 << 20);
    Thread.currentThread().interrupt();
    assertThatExceptionOfType(TaskKilledException.class).isThrownBy(completed::next);
    assertThat(Thread.interrupted()).isTrue();
    completed.close();
  }

  @Test
  void closingEarlyFreesEverythingAndTwiceIsOnce() {
    Completed completed = iterator(rows(500).iterator(), 100, 1 << 20);
    completed.next();
    completed.close();
    completed.close();
    assertThat(ArrowMemory.allocatedBytes()).isZero();
    assertThat(registry.closeIdle()).isTrue();
  }

  @Test
  void aDeadEngineFailsTheTask() {
    engine.answersAtOnce = false;
    Completed completed = iterator(rows(3).iterator(), 100, 1 << 20);
    Thread dying =
        new Thread(
            () -> {
              while (engine.submitted.size() < 3) {
                Thread.onSpinWait();
              }
              GptOssException death = new GptOssException("out of memory");
              engine.submitted.forEach(future -> future.completeExceptionally(death));
            });
    dying.start();
    assertThatExceptionOfType(GptOssException.class)
        .isThrownBy(completed::next)
        .withMessage("out of memory");
    completed.close();
  }

  @Test
  void letsTheEngineGoWhenTheRowsAreUsedUp() {
    Completed completed = iterator(rows(3).iterator(), 100, 1 << 20);
    assertThat(registry.closeIdle()).isFalse();
    drain(completed);
    assertThat(registry.closeIdle()).isTrue();
  }
}
