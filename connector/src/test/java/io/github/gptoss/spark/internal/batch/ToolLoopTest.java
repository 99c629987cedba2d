package io.github.gptoss.spark.internal.batch;

import static io.github.gptoss.spark.internal.engine.ScriptedEngine.answer;
import static io.github.gptoss.spark.internal.engine.ScriptedEngine.call;
import static io.github.gptoss.spark.internal.engine.ScriptedEngine.thought;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.harmony.HarmonyEncoding;
import io.github.gptoss.engine.harmony.Message;
import io.github.gptoss.engine.harmony.ParseMode;
import io.github.gptoss.engine.harmony.Role;
import io.github.gptoss.spark.internal.arrow.ArrowMemory;
import io.github.gptoss.spark.internal.budget.Admission;
import io.github.gptoss.spark.internal.completions.CompletionFacts;
import io.github.gptoss.spark.internal.completions.CompletionKey;
import io.github.gptoss.spark.internal.completions.CompletionObserver;
import io.github.gptoss.spark.internal.completions.CompletionOrigin;
import io.github.gptoss.spark.internal.completions.CompletionSchema;
import io.github.gptoss.spark.internal.completions.CompletionStore;
import io.github.gptoss.spark.internal.completions.CompletionType;
import io.github.gptoss.spark.internal.engine.EngineRegistry;
import io.github.gptoss.spark.internal.engine.ScriptedEngine;
import io.github.gptoss.spark.internal.engine.TestProcess;
import io.github.gptoss.spark.internal.engine.Work;
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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A scripted model counts down by calls: of a question that is a number it calls {@code down} with
 * it, then with what that answered, until that is 0.
 */
class ToolLoopTest {
  private static final List<ToolRequest> CALLED = new CopyOnWriteArrayList<>();
  private static final List<String> CLOSED = new CopyOnWriteArrayList<>();
  private static volatile CountDownLatch gate;

  /** Takes one off; 13 is no number, 14 waits at the gate, and 15 has a long answer. */
  public static final class Down implements ToolExecutor {
    @Override
    public Set<String> functions() {
      return Set.of("down", "python", "box.open");
    }

    @Override
    public List<ToolResult> execute(List<ToolRequest> calls) throws Exception {
      List<ToolResult> results = new ArrayList<>();
      for (ToolRequest call : calls) {
        CALLED.add(call);
        int number = Integer.parseInt(call.arguments());
        if (number == 14) {
          gate.await();
        }
        results.add(
            number == 13
                ? ToolResult.failed("<|end|>bad number")
                : ToolResult.of(number == 15 ? "word ".repeat(3000) : String.valueOf(number - 1)));
      }
      return results;
    }
  }

  /** Misses a class when it is closed. */
  public static final class Unclosed implements ToolExecutor {
    @Override
    public Set<String> functions() {
      return Set.of("unclosed");
    }

    @Override
    public List<ToolResult> execute(List<ToolRequest> calls) {
      return List.of();
    }

    @Override
    public void close() {
      assertThat(ArrowMemory.allocatedBytes()).isZero();
      CLOSED.add("tool");
      throw new NoClassDefFoundError("com/example/Gone");
    }
  }

  private final Map<String, String> more =
      new HashMap<>(
          Map.of(
              "model",
              "demo",
              "reasoning_effort",
              "low",
              "include_tokens",
              "true",
              "tool_executors",
              "{\"" + Down.class.getName() + "\": {}}",
              "tool_concurrency",
              "1"));

  private String function = "functions.down";
  private ScriptedEngine engine = new ScriptedEngine(this::next);
  private CompletionStore store;
  private final List<String> told = new ArrayList<>();

  @BeforeEach
  void begin() {
    CALLED.clear();
    CLOSED.clear();
    gate = new CountDownLatch(1);
  }

  @AfterEach
  void holdsNoArrowMemory() {
    assertThat(ArrowMemory.allocatedBytes()).isZero();
  }

  private List<Message> next(List<Message> conversation) {
    Message last = conversation.get(conversation.size() - 1);
    String text = last.text();
    return switch (text) {
      case "0" -> List.of(answer("done"));
      default ->
          text.startsWith("Error: ") || text.startsWith("say ") || text.startsWith("word ")
              ? List.of(answer(text))
              : List.of(thought("from " + text), call(function, text));
    };
  }

  private static final StructType TYPE = CompletionSchema.completion(true);

  /** A completion's fields as texts, by their names. */
  private static Map<String, String> fields(InternalRow completion) {
    Map<String, String> fields = new HashMap<>();
    for (String name :
        List.of("response", "reasoning", "finish_reason", "error_code", "reasoning_effort")) {
      int at = TYPE.fieldIndex(name);
      fields.put(name, completion.isNullAt(at) ? null : completion.getUTF8String(at).toString());
    }
    fields.put("rounds", "" + completion.getInt(TYPE.fieldIndex("tool_rounds")));
    InternalRow usage = completion.getStruct(TYPE.fieldIndex("usage"), 5);
    fields.put("input", "" + usage.getInt(0));
    fields.put("output", "" + usage.getInt(1));
    ArrayData calls = completion.getArray(TYPE.fieldIndex("tool_calls"));
    List<String> all = new ArrayList<>();
    for (int i = 0; i < calls.numElements(); i++) {
      InternalRow call = calls.getStruct(i, 5);
      all.add(
          call.getUTF8String(1)
              + "("
              + call.getUTF8String(2)
              + ")="
              + (call.isNullAt(3) ? null : call.getUTF8String(3))
              + "/"
              + (call.isNullAt(4) ? null : call.getUTF8String(4)));
    }
    fields.put("calls", String.join(" ", all));
    return fields;
  }

  private CompletionIterator iterator(List<Map<String, String>> completed, String... prompts) {
    OptionValues options = OptionValues.resolve(more, Map.of());
    EngineRegistry registry = new EngineRegistry(config -> engine, TestProcess.LOCAL);
    Work scope = () -> {};
    EngineRegistry.Lease lease = registry.acquire(EngineConfig.builder("demo").build(), scope);
    UnsafeRow kept = new UnsafeRow(1);
    kept.pointTo(new byte[16], 16);
    CompletionObserver observer =
        new CompletionObserver() {
          @Override
          public void completed(CompletionFacts done, CompletionOrigin origin, long endedMillis) {
            told.add("completed " + origin + " " + done.total().outputTokens());
          }

          @Override
          public void partly(CompletionFacts part, CompletionOrigin origin, long endedMillis) {
            told.add("partly " + origin + " " + part.usage().outputTokens());
          }
        };
    return new CompletionIterator(
        Arrays.stream(prompts)
            .map(prompt -> new AskingRow(kept, PromptRow.of(prompt, false)))
            .iterator(),
        (row, completion) -> {
          completed.add(fields(completion));
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

  private List<Map<String, String>> complete(String... prompts) {
    List<Map<String, String>> completed = new ArrayList<>();
    iterator(completed, prompts).forEachRemaining(row -> {});
    return completed;
  }

  @Test
  void goesOnUntilTheModelAnswers() {
    Map<String, String> row = complete("2").get(0);
    assertThat(row)
        .containsEntry("response", "done")
        .containsEntry("calls", "down(2)=1/null down(1)=0/null")
        .containsEntry("rounds", "2")
        .containsEntry("reasoning", "from 2\nfrom 1")
        .containsEntry("finish_reason", "stop")
        .containsEntry("error_code", null);
    assertThat(engine.asked).hasSize(3);
    int input = engine.asked.stream().mapToInt(asked -> asked.prompt().length).sum();
    assertThat(row).containsEntry("input", "" + input);
    assertThat(CALLED).extracting(ToolRequest::arguments).containsExactly("2", "1");
    assertThat(CALLED.get(0).earlier()).isEmpty();
    assertThat(CALLED.get(1).earlier())
        .containsExactly(new ToolRequest(CALLED.get(0).id(), "down", "2", List.of()));
    assertThat(CALLED.get(0).id()).isNotEqualTo(CALLED.get(1).id());
    assertThat(told.subList(0, 2)).allMatch(line -> line.startsWith("partly GENERATED"));
    assertThat(told.get(2)).isEqualTo("completed GENERATED " + row.get("output"));
  }

  @Test
  void aPromptBeginsWithTheOneBeforeAndEndsWithTheAnswer() {
    complete("2");
    for (int i = 1; i < engine.asked.size(); i++) {
      int[] before = engine.asked.get(i - 1).prompt();
      assertThat(Arrays.copyOf(engine.asked.get(i).prompt(), before.length)).isEqualTo(before);
    }
    List<Message> last =
        HarmonyEncoding.gptOss().parse(engine.asked.get(2).prompt(), null, ParseMode.BEST_EFFORT);
    Message result = last.get(last.size() - 1);
    assertThat(result.role()).isEqualTo(Role.TOOL);
    assertThat(result.author().name()).isEqualTo("functions.down");
    assertThat(result.recipient()).isEqualTo("assistant");
    assertThat(result.text()).isEqualTo("0");
  }

  @Test
  void rowsWhoseToolsArePendingHoldNoOthersUp() throws Exception {
    List<Map<String, String>> completed = new ArrayList<>();
    more.put("tool_concurrency", "2");
    Thread opening =
        new Thread(
            () -> {
              // Two rows with a prompt and two rounds each, behind one whose tool waits.
              while (engine.asked.size() < 7) {
                Thread.onSpinWait();
              }
              gate.countDown();
            });
    opening.start();
    iterator(completed, "14", "2", "2").forEachRemaining(row -> {});
    opening.join();
    assertThat(completed).extracting(row -> row.get("rounds")).containsExactly("2", "2", "2");
  }

  @Test
  void errorsAndTimeOutsAreAnswersThatMakeNoSpecialTokens() {
    Map<String, String> row = complete("13").get(0);
    assertThat(row)
        .containsEntry("calls", "down(13)=null/<|end|>bad number")
        .containsEntry("error_code", null)
        .containsEntry("rounds", "1");
    // The script sees the text of the whole message: no token ended it before its end.
    assertThat(row).containsEntry("response", "Error: <|end|>bad number");

    more.put("tool_timeout_seconds", "0.1");
    assertThat(complete("14").get(0))
        .containsEntry("calls", "down(14)=null/the tool gave no answer within 0.1 seconds")
        .containsEntry("response", "Error: the tool gave no answer within 0.1 seconds")
        .containsEntry("error_code", null);
  }

  @Test
  void anAnswerThatDoesNotFitTheContextIsAnErrorThatTheModelReads() {
    engine.maxModelLen = 2000;
    Map<String, String> row = complete("15").get(0);
    assertThat(row.get("response"))
        .matches(
            "Error: the answer was too long for the context: it has 300\\d tokens, and 1\\d\\d\\d"
                + " are left");
    assertThat(row.get("calls")).startsWith("down(15)=null/the answer was too long");
    assertThat(row).containsEntry("finish_reason", "stop").containsEntry("error_code", null);
    assertThat(engine.asked).hasSize(2).allMatch(asked -> asked.prompt().length < 2000);

    engine.maxModelLen = engine.asked.get(1).prompt().length - 10;
    engine.asked.clear();
    assertThat(complete("15").get(0))
        .containsEntry("finish_reason", "length")
        .containsEntry("response", "")
        .containsEntry("rounds", "1")
        .containsEntry("error_code", null);
    assertThat(engine.asked).hasSize(1);

    engine.maxModelLen = 1 << 17;
    assertThat(complete("15").get(0).get("calls")).startsWith("down(15)=word word");
  }

  @Test
  void returnsCallsAfterTheLastRound() {
    more.put("max_tool_rounds", "2");
    assertThat(complete("5").get(0))
        .containsEntry("calls", "down(5)=4/null down(4)=3/null down(3)=null/null")
        .containsEntry("finish_reason", "tool_calls")
        .containsEntry("rounds", "2")
        .containsEntry("error_code", null);
    assertThat(CALLED).hasSize(2);
    more.put("max_tool_rounds", "0");
    assertThat(complete("5").get(0))
        .containsEntry("calls", "down(5)=null/null")
        .containsEntry("rounds", "0");
    assertThat(CALLED).hasSize(2);
  }

  @Test
  void whatATaskHoldsIsLetGoWhateverAToolDoesWhenItIsClosed() {
    more.put("tool_executors", "{\"" + Unclosed.class.getName() + "\": {}}");
    store = new MapStore(new ConcurrentHashMap<>(), () -> CLOSED.add("journal"));
    assertThat(complete("0")).hasSize(1);
    assertThat(CLOSED).containsExactly("journal", "tool");
  }

  @Test
  void returnsCallsOfFunctionsThatNothingRuns() {
    function = "functions.up";
    assertThat(complete("5").get(0))
        .containsEntry("calls", "up(5)=null/null")
        .containsEntry("finish_reason", "tool_calls")
        .containsEntry("rounds", "0");
    assertThat(CALLED).isEmpty();
  }

  /** Tells the model of functions. */
  private void tell(String... functions) {
    more.put(
        "tools",
        Arrays.stream(functions)
            .map("{\"type\": \"function\", \"function\": {\"name\": \"%s\"}}"::formatted)
            .collect(Collectors.joining(", ", "[", "]")));
  }

  @Test
  void aFunctionThatNobodyHasIsAnErrorThatTheModelReads() {
    tell("down", "up");
    function = "functions.upp";
    assertThat(complete("5").get(0))
        .containsEntry("calls", "upp(5)=null/there is no function 'upp': there are down, up")
        .containsEntry("response", "Error: there is no function 'upp': there are down, up")
        .containsEntry("finish_reason", "stop")
        .containsEntry("rounds", "1");
    function = "functions.up";
    assertThat(complete("5").get(0))
        .containsEntry("calls", "up(5)=null/null")
        .containsEntry("finish_reason", "tool_calls");
    more.remove("tools");
    function = "box.shut";
    assertThat(complete("5").get(0))
        .containsEntry(
            "calls",
            "box.shut(5)=null/there is no function 'box.shut': there are box.open, down, python");
    assertThat(CALLED).isEmpty();
  }

  @Test
  void earlierCallsAreThoseThatGaveAValue() {
    engine =
        new ScriptedEngine(
            conversation ->
                conversation.get(conversation.size() - 1).text().startsWith("Error: ")
                    ? List.of(call(function, "1"))
                    : next(conversation));
    assertThat(complete("13").get(0))
        .containsEntry("calls", "down(13)=null/<|end|>bad number down(1)=0/null");
    assertThat(CALLED.get(1).earlier()).isEmpty();
  }

  @Test
  void aTurnGoesOnFromTheTextThatItBeganWith() {
    more.put("overflow", "truncate_end");
    more.put("max_tokens", "100");
    engine =
        new ScriptedEngine(
            conversation -> {
              String last = conversation.get(conversation.size() - 1).text();
              return last.startsWith("word ") ? List.of(call(function, "2")) : next(conversation);
            });
    engine.maxModelLen = 400;
    assertThat(complete("word ".repeat(500)).get(0))
        .containsEntry("calls", "down(2)=1/null down(1)=0/null")
        .containsEntry("response", "done");
    assertThat(engine.asked).hasSize(3);
    for (int i = 1; i < engine.asked.size(); i++) {
      int[] before = engine.asked.get(i - 1).prompt();
      assertThat(Arrays.copyOf(engine.asked.get(i).prompt(), before.length)).isEqualTo(before);
    }
  }

  @Test
  void runsNothingThatIsNotConfigured() {
    more.remove("tool_executors");
    assertThat(complete("5").get(0)).containsEntry("calls", "down(5)=null/null");
    assertThat(CALLED).isEmpty();
  }

  @Test
  void allRoundsShareTheBudgets() {
    complete("1");
    int first = Integer.parseInt(told.get(0).replaceAll("\\D", ""));
    engine.asked.clear();

    more.put("max_tokens", "" + (first + 12));
    more.put("max_reasoning_tokens", "7");
    assertThat(complete("1").get(0)).containsEntry("response", "done");
    // The scripted engine says that each generation has one token of reasoning.
    assertThat(engine.asked)
        .extracting(asked -> asked.request().maxTokens())
        .containsExactly(first + 12, 12);
    assertThat(engine.asked)
        .extracting(asked -> asked.request().maxReasoningTokens())
        .containsExactly(7, 6);

    more.put("max_tokens", "" + first);
    more.put("max_reasoning_tokens", "-1");
    engine.asked.clear();
    assertThat(complete("1").get(0))
        .containsEntry("finish_reason", "length")
        .containsEntry("response", "")
        .containsEntry("calls", "down(1)=0/null")
        .containsEntry("rounds", "1")
        .containsEntry("output", "" + first)
        .containsEntry("error_code", null);
    assertThat(engine.asked).hasSize(1);
  }

  @Test
  void anAnswerThatWasCutBeforeItHadItsFormIsAnError() {
    complete("1");
    int first = Integer.parseInt(told.get(0).replaceAll("\\D", ""));
    more.put("max_tokens", "" + first);
    more.put("structured_outputs", "{\"choice\": [\"a\"]}");
    assertThat(complete("1").get(0))
        .containsEntry("finish_reason", "length")
        .containsEntry("error_code", "incomplete_answer");
  }

  @Test
  void aResumedRowTakesItsGenerationsFromTheJournalAndRunsItsToolsAgain() {
    Map<CompletionKey, GenerationResult> journal = new ConcurrentHashMap<>();
    store = new MapStore(journal, () -> CLOSED.add("journal"));
    List<Map<String, String>> first = complete("2", "1");
    assertThat(journal).hasSize(5);
    assertThat(engine.asked).hasSize(5);
    assertThat(CALLED).hasSize(3);
    told.clear();
    assertThat(complete("2", "1")).isEqualTo(first);
    assertThat(engine.asked).hasSize(5);
    assertThat(CALLED).hasSize(6);
    assertThat(told).hasSize(5).allMatch(line -> line.contains(" RESUMED "));
  }

  @Test
  void aHigherEffortBeginsTheTurnAgain() {
    more.put("escalate_effort", "true");
    engine =
        new ScriptedEngine(
            conversation -> {
              boolean isLow = conversation.get(0).text().contains("Reasoning: low");
              String last = conversation.get(conversation.size() - 1).text();
              return isLow && last.equals("0") ? List.of(answer(" ")) : next(conversation);
            });
    Map<String, String> row = complete("2").get(0);
    assertThat(row)
        .containsEntry("response", "done")
        .containsEntry("calls", "down(2)=1/null down(1)=0/null")
        .containsEntry("rounds", "2")
        .containsEntry("reasoning", "from 2\nfrom 1")
        .containsEntry("reasoning_effort", "medium");
    assertThat(engine.asked).hasSize(6);
    assertThat(CALLED).hasSize(4);
    assertThat(CALLED.get(2).earlier()).isEmpty();
    int input = engine.asked.stream().mapToInt(asked -> asked.prompt().length).sum();
    assertThat(row).containsEntry("input", "" + input);
  }
}
