package io.github.gptoss.spark.internal.batch;

import static io.github.gptoss.spark.internal.engine.ScriptedEngine.answer;
import static io.github.gptoss.spark.internal.engine.ScriptedEngine.call;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.engine.GenerationRequest;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.Usage;
import io.github.gptoss.engine.harmony.Message;
import io.github.gptoss.engine.sampling.SamplingParams;
import io.github.gptoss.spark.internal.arrow.ArrowMemory;
import io.github.gptoss.spark.internal.budget.Admission;
import io.github.gptoss.spark.internal.completions.CompletionFacts;
import io.github.gptoss.spark.internal.completions.CompletionKey;
import io.github.gptoss.spark.internal.completions.CompletionObserver;
import io.github.gptoss.spark.internal.completions.CompletionOrigin;
import io.github.gptoss.spark.internal.completions.CompletionSchema;
import io.github.gptoss.spark.internal.completions.CompletionStore;
import io.github.gptoss.spark.internal.completions.CompletionType;
import io.github.gptoss.spark.internal.engine.CompletionEngine;
import io.github.gptoss.spark.internal.engine.EchoEngine;
import io.github.gptoss.spark.internal.engine.EngineRegistry;
import io.github.gptoss.spark.internal.engine.ScriptedEngine;
import io.github.gptoss.spark.internal.engine.TestProcess;
import io.github.gptoss.spark.internal.engine.Work;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import io.github.gptoss.spark.internal.prompts.HarmonyPromptRenderer;
import io.github.gptoss.spark.internal.prompts.PromptRow;
import io.github.gptoss.spark.internal.tools.ToolData;
import io.github.gptoss.spark.tools.ToolExecutor;
import io.github.gptoss.spark.tools.ToolRequest;
import io.github.gptoss.spark.tools.ToolResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A scripted model answers a question with it and the seed that it is asked with. */
class SampledRowsTest {
  private static final StructType TYPE = CompletionSchema.completion(true);
  private static final StructType CHOICE =
      (StructType) ((ArrayType) TYPE.fields()[TYPE.fieldIndex("choices")].dataType()).elementType();

  /** Answers with the argument. */
  public static final class Same implements ToolExecutor {
    @Override
    public Set<String> functions() {
      return Set.of("same");
    }

    @Override
    public List<ToolResult> execute(List<ToolRequest> calls) {
      return calls.stream().map(call -> ToolResult.of(call.arguments())).toList();
    }
  }

  private final Map<String, String> more =
      new HashMap<>(
          Map.of(
              "model", "demo",
              "reasoning_effort", "low",
              "temperature", "1",
              "seed", "7",
              "include_tokens", "true",
              "n", "3"));
  private final List<String> told = new ArrayList<>();
  private ScriptedEngine scripted = new ScriptedEngine(SampledRowsTest::seeded);
  private CompletionEngine engine;
  private CompletionStore store;

  private static List<Message> seeded(List<Message> conversation, GenerationRequest request) {
    return List.of(answer(last(conversation) + "/" + request.sampling().seed()));
  }

  private static String last(List<Message> conversation) {
    return conversation.get(conversation.size() - 1).text();
  }

  private static long seed(int sample) {
    return SamplingParams.builder().seed(7).build().ofSample(sample).seed();
  }

  /** The answers of so many samples of a question. */
  private static List<String> answers(String question, int count) {
    return IntStream.range(0, count).mapToObj(i -> question + "/" + seed(i)).toList();
  }

  @AfterEach
  void holdsNoArrowMemory() {
    assertThat(ArrowMemory.allocatedBytes()).isZero();
  }

  /** What a row came to; {@code outputs} are the choices' tokens. */
  private record Completed(
      String response,
      List<String> choices,
      Double share,
      String error,
      List<Integer> usage,
      List<Integer> outputs,
      String finishReason) {}

  private static Completed read(InternalRow completion) {
    int choices = TYPE.fieldIndex("choices");
    int share = TYPE.fieldIndex("vote_share");
    InternalRow usage = completion.getStruct(TYPE.fieldIndex("usage"), 5);
    return new Completed(
        text(completion, TYPE, "response"),
        completion.isNullAt(choices) ? null : choices(completion.getArray(choices)),
        completion.isNullAt(share) ? null : completion.getDouble(share),
        text(completion, TYPE, "error_code"),
        IntStream.range(0, 5).mapToObj(usage::getInt).toList(),
        completion.isNullAt(choices) ? null : outputs(completion.getArray(choices)),
        text(completion, TYPE, "finish_reason"));
  }

  private static List<String> choices(ArrayData choices) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < choices.numElements(); i++) {
      InternalRow choice = choices.getStruct(i, CHOICE.length());
      assertThat(choice.getInt(CHOICE.fieldIndex("index"))).isEqualTo(i);
      String error = text(choice, CHOICE, "error_code");
      texts.add(error == null ? text(choice, CHOICE, "response") : "error " + error);
    }
    return texts;
  }

  private static List<Integer> outputs(ArrayData choices) {
    return IntStream.range(0, choices.numElements())
        .mapToObj(i -> choices.getStruct(i, CHOICE.length()))
        .map(choice -> choice.getStruct(CHOICE.fieldIndex("usage"), 5).getInt(1))
        .toList();
  }

  private static String text(InternalRow row, StructType type, String field) {
    int at = type.fieldIndex(field);
    return row.isNullAt(at) ? null : row.getUTF8String(at).toString();
  }

  private CompletionIterator iterator(List<Completed> completed, PromptRow... prompts) {
    OptionValues options = OptionValues.resolve(more, Map.of());
    CompletionEngine asked = engine == null ? scripted : engine;
    EngineRegistry registry = new EngineRegistry(config -> asked, TestProcess.LOCAL);
    Work scope = () -> {};
    EngineRegistry.Lease lease = registry.acquire(EngineConfig.builder("demo").build(), scope);
    UnsafeRow kept = new UnsafeRow(1);
    kept.pointTo(new byte[16], 16);
    CompletionObserver observer =
        new CompletionObserver() {
          @Override
          public void completed(CompletionFacts done, CompletionOrigin origin, long endedMillis) {
            told.add("completed " + origin + " " + done.total() + " " + done.usage());
          }

          @Override
          public void partly(CompletionFacts part, CompletionOrigin origin, long endedMillis) {
            told.add("partly " + origin + " " + part.usage());
          }
        };
    return new CompletionIterator(
        Arrays.stream(prompts).map(prompt -> new AskingRow(kept, prompt)).iterator(),
        (row, completion) -> {
          completed.add(read(completion));
          return completion;
        },
        CompletionCall.of(
            options,
            CompletionType.of(options),
            HarmonyPromptRenderer::new,
            ToolLoop.open(options, ToolData.NONE),
            observer),
        lease,
        new CompletionSource("demo", lease, null, store, null, Admission.FREE),
        scope,
        ArrowMemory.newChild("test"));
  }

  private List<Completed> complete(PromptRow... prompts) {
    List<Completed> completed = new ArrayList<>();
    iterator(completed, prompts).forEachRemaining(row -> {});
    return completed;
  }

  private static PromptRow ask(String prompt) {
    return PromptRow.of(prompt, false);
  }

  private static PromptRow ask(String prompt, String n) {
    return new PromptRow(prompt, false, Map.of(OptionKey.N, n));
  }

  private List<Long> seeds() {
    return scripted.asked.stream().map(asked -> asked.request().sampling().seed()).toList();
  }

  @Test
  void everySampleHasASeedOfItsOwnAndTheFirstTheRows() {
    Completed row = complete(ask("q")).get(0);
    assertThat(row.response()).isEqualTo("q/7");
    assertThat(row.choices()).isEqualTo(answers("q", 3));
    assertThat(row.share()).isNull();
    assertThat(seeds())
        .containsExactlyElementsOf(LongStream.of(seed(0), seed(1), seed(2)).boxed().toList())
        .doesNotHaveDuplicates();
    assertThat(scripted.asked.get(2).prompt()).isEqualTo(scripted.asked.get(0).prompt());
  }

  @Test
  void theFirstSampleIsWhatARowOfOneHas() {
    Completed several = complete(ask("q", "5")).get(0);
    Completed one = complete(ask("q", "1")).get(0);
    assertThat(one.choices()).isNull();
    assertThat(one.share()).isNull();
    assertThat(several.response()).isEqualTo(one.response());
    assertThat(several.choices()).hasSize(5);
    // A prompt once, and five answers.
    assertThat(several.usage().get(0)).isEqualTo(one.usage().get(0));
    int output = several.outputs().stream().mapToInt(tokens -> tokens).sum();
    assertThat(several.outputs().get(0)).isEqualTo(one.usage().get(1)).isPositive();
    assertThat(several.usage().get(1)).isEqualTo(output);
    assertThat(several.usage().get(2)).isEqualTo(output + one.usage().get(0));
  }

  @Test
  void rowsOfDifferentCountsStayInOrder() {
    List<Completed> rows =
        complete(ask("a"), ask("b", "1"), ask("c", "128"), ask("d", "2"), ask("e"));
    assertThat(rows)
        .extracting(row -> row.response().charAt(0))
        .containsExactly('a', 'b', 'c', 'd', 'e');
    assertThat(rows)
        .extracting(row -> row.choices() == null ? 0 : row.choices().size())
        .containsExactly(3, 0, 128, 2, 3);
    assertThat(rows.get(2).choices()).isEqualTo(answers("c", 128));
  }

  @Test
  void aWrongCountIsItsRowsError() {
    List<Completed> rows = complete(ask("a", "0"), ask("b", "129"), ask("c", "two"), ask("d", "2"));
    assertThat(rows)
        .extracting(Completed::error)
        .containsExactly("invalid_parameter", "invalid_parameter", "invalid_parameter", null);
    assertThat(rows.get(0).choices()).isNull();
    more.put("overflow", "map_reduce");
    more.remove("n");
    assertThat(complete(ask("a", "2"), ask("b")))
        .extracting(Completed::error)
        .containsExactly("invalid_parameter", null);
  }

  @Test
  void theMajorityIsTheRows() {
    more.put("n", "5");
    more.put("vote", "majority");
    scripted =
        new ScriptedEngine(
            (conversation, request) ->
                List.of(answer(request.sampling().seed() == seed(0) ? "odd" : "even")));
    Completed row = complete(ask("q")).get(0);
    assertThat(row.response()).isEqualTo("even");
    assertThat(row.share()).isEqualTo(0.8);
    assertThat(row.choices()).containsExactly("odd", "even", "even", "even", "even");
  }

  @Test
  void cutSamplesHaveNoVote() {
    more.put("vote", "majority");
    more.put("max_tokens", "8");
    scripted =
        new ScriptedEngine(
            (conversation, request) ->
                List.of(answer(request.sampling().seed() == 7 ? "ok" : "and so on ".repeat(9))));
    Completed row = complete(ask("q")).get(0);
    assertThat(row.response()).isEqualTo("ok");
    assertThat(row.finishReason()).isEqualTo("stop");
    assertThat(row.share()).isEqualTo(1.0 / 3);
    assertThat(row.choices()).hasSize(3);
  }

  @Test
  void observersHearOfEverySampleAndOfTheRowOnce() {
    Completed row = complete(ask("q")).get(0);
    assertThat(told).hasSize(3);
    assertThat(told.subList(0, 2)).allMatch(line -> line.startsWith("partly GENERATED"));
    int input = row.usage().get(0);
    for (int i = 0; i < 3; i++) {
      assertThat(told.get(i)).endsWith(new Usage(input, row.outputs().get(i), 1, 0).toString());
    }
    assertThat(told.get(2))
        .startsWith("completed GENERATED " + new Usage(input, row.usage().get(1), 3, 0) + " ");
  }

  @Test
  void theWindowCountsSamples() {
    more.put("window_rows", "10");
    // Two rows of four: a third would be beyond the ten.
    assertThat(mostOpen()).isEqualTo(8);
  }

  @Test
  void theWindowWeighsSamples() {
    // Of 800 kB each.
    more.put("max_tokens", "50000");
    more.put("window_bytes", "4m");
    assertThat(mostOpen()).as("of one row").isEqualTo(4);
    more.put("n", "1");
    assertThat(mostOpen()).as("of as many rows").isBetween(3, 5);
  }

  /**
   * The most requests at once of twenty rows, of four samples if not of one. Nothing is answered
   * before the task waits, so that it has submitted all that it may.
   */
  private int mostOpen() {
    EchoEngine echo = new EchoEngine();
    echo.answersAtOnce = false;
    engine = echo;
    int samples = more.get("n").equals("1") ? 1 : 4;
    more.put("n", "" + samples);
    List<Completed> completed = new ArrayList<>();
    PromptRow[] prompts =
        IntStream.range(0, 20).mapToObj(i -> ask("q" + i)).toArray(PromptRow[]::new);
    Thread task = Thread.currentThread();
    try (CompletionIterator rows = iterator(completed, prompts)) {
      Thread answering =
          new Thread(
              () -> {
                for (int next = 0; next < 20 * samples; next++) {
                  while (submitted(echo) <= next || !waits(task)) {
                    Thread.onSpinWait();
                  }
                  echo.answer(next);
                }
              });
      answering.setDaemon(true);
      answering.start();
      rows.forEachRemaining(row -> {});
    }
    assertThat(completed).hasSize(20);
    return echo.mostOpen;
  }

  private static boolean waits(Thread thread) {
    return thread.getState() == Thread.State.WAITING
        || thread.getState() == Thread.State.TIMED_WAITING;
  }

  private static int submitted(EchoEngine echo) {
    synchronized (echo) {
      return echo.submitted.size();
    }
  }

  @Test
  void aTaskThatEndsCancelsTheSamplesThatArePending() {
    EchoEngine echo = new EchoEngine();
    echo.answersAtOnce = false;
    engine = echo;
    CompletionIterator rows = iterator(new ArrayList<>(), ask("q"), ask("r"));
    Thread answering =
        new Thread(
            () -> {
              while (submitted(echo) < 6) {
                Thread.onSpinWait();
              }
              IntStream.range(0, 5).forEach(echo::answer);
            });
    answering.setDaemon(true);
    answering.start();
    rows.next();
    rows.close();
    assertThat(echo.submitted.get(5)).isCancelled();
  }

  @Test
  void aResumedRowFindsTheSamplesThatWereMade() {
    Map<CompletionKey, GenerationResult> journal = new ConcurrentHashMap<>();
    store = new MapStore(journal, () -> {});
    List<Completed> first = complete(ask("q"), ask("r"));
    assertThat(journal).hasSize(6);
    told.clear();
    assertThat(complete(ask("q"), ask("r"))).isEqualTo(first);
    assertThat(scripted.asked).hasSize(6);
    assertThat(told).hasSize(6).allMatch(line -> line.contains(" RESUMED "));

    // A run that was killed had kept some.
    journal.keySet().stream().limit(4).toList().forEach(journal::remove);
    told.clear();
    assertThat(complete(ask("q"), ask("r"))).isEqualTo(first);
    assertThat(scripted.asked).hasSize(10);
    // Two rows cannot both have all of two samples: the row that has one counts as no resumed row.
    assertThat(told).filteredOn(line -> line.contains(" RESUMED ")).hasSize(2);
    assertThat(told).filteredOn(line -> line.startsWith("completed GENERATED ")).hasSize(2);

    // More samples of the same rows, and a single one.
    assertThat(complete(ask("q", "5")).get(0).choices()).isEqualTo(answers("q", 5));
    assertThat(complete(ask("r", "1")).get(0).response()).isEqualTo("r/7");
    assertThat(scripted.asked).hasSize(12);
  }

  @Test
  void greedySamplesAreEqualAndKeptAsOne() {
    Map<CompletionKey, GenerationResult> journal = new ConcurrentHashMap<>();
    store = new MapStore(journal, () -> {});
    more.put("temperature", "0");
    scripted = new ScriptedEngine(conversation -> List.of(answer("same")));
    assertThat(complete(ask("q")).get(0).choices()).containsExactly("same", "same", "same");
    assertThat(journal).hasSize(1);
  }

  @Test
  void toolsAnswerEverySample() {
    more.put("tool_executors", "{\"" + Same.class.getName() + "\": {}}");
    scripted =
        new ScriptedEngine(
            (conversation, request) ->
                conversation.size() < 4
                    ? List.of(call("functions.same", "" + request.sampling().seed()))
                    : seeded(conversation, request));
    Completed row = complete(ask("q")).get(0);
    // Both rounds of a sample have its seed.
    assertThat(row.choices())
        .isEqualTo(IntStream.range(0, 3).mapToObj(i -> seed(i) + "/" + seed(i)).toList());
    int prompts = scripted.asked.stream().mapToInt(asked -> asked.prompt().length).sum();
    int first = scripted.asked.get(0).prompt().length;
    assertThat(row.usage().get(0)).isEqualTo(prompts - 2 * first);
  }

  @Test
  void theCascadeJudgesEverySample() {
    more.put("escalate_effort", "true");
    scripted =
        new ScriptedEngine(
            (conversation, request) -> {
              boolean isLow = conversation.get(0).text().contains("Reasoning: low");
              return isLow && request.sampling().seed() == seed(1)
                  ? List.of(answer(" "))
                  : List.of(answer((isLow ? "low" : "higher") + request.sampling().seed()));
            });
    Completed row = complete(ask("q")).get(0);
    assertThat(row.choices()).containsExactly("low" + seed(0), "higher" + seed(1), "low" + seed(2));
    assertThat(scripted.asked).hasSize(4);
  }
}
