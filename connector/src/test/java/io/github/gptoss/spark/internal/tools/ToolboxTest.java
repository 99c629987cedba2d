package io.github.gptoss.spark.internal.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.spark.tools.ToolExecutor;
import io.github.gptoss.spark.tools.ToolRequest;
import io.github.gptoss.spark.tools.ToolResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ToolboxTest {
  private static final List<Integer> BATCHES = new CopyOnWriteArrayList<>();
  private static final List<String> LIFE = new CopyOnWriteArrayList<>();
  private static volatile CountDownLatch gate;

  /** Does what its calls' arguments say. */
  public static final class Own implements ToolExecutor {
    @Override
    public void open(Map<String, String> settings) {
      LIFE.add("open " + settings);
    }

    @Override
    public Set<String> functions() {
      return Set.of("f", "g");
    }

    @Override
    public int batchCalls() {
      return 3;
    }

    @Override
    public List<ToolResult> execute(List<ToolRequest> calls) throws Exception {
      BATCHES.add(calls.size());
      List<ToolResult> results = new ArrayList<>();
      for (ToolRequest call : calls) {
        switch (call.arguments()) {
          case "wait" -> gate.await();
          case "fail" -> throw new IllegalStateException("no luck");
          case "die" -> throw new StackOverflowError();
          case "few" -> {
            return List.of();
          }
          default -> {}
        }
        results.add(
            call.arguments().equals("null") ? null : ToolResult.of("<" + call.arguments() + ">"));
      }
      return results;
    }

    @Override
    public void close() {
      LIFE.add("close");
    }
  }

  @BeforeEach
  void begin() {
    BATCHES.clear();
    LIFE.clear();
    gate = new CountDownLatch(1);
  }

  private static Toolbox open(String... more) {
    List<String> options =
        new ArrayList<>(
            List.of(
                "tool_executors",
                "{\"" + Own.class.getName() + "\": {\"a\": \"b\", \"n\": [1]}}",
                "tool_concurrency",
                "2"));
    options.addAll(List.of(more));
    return Toolbox.open(
        ToolOptions.of(Calls.options(options.toArray(String[]::new))), ToolData.NONE);
  }

  private static CompletableFuture<List<ToolResult>> run(Toolbox tools, String... arguments) {
    List<ToolRequest> calls = new ArrayList<>();
    for (String argument : arguments) {
      calls.add(Calls.of(calls.size() % 2 == 0 ? "f" : "g", argument));
    }
    CompletableFuture<List<ToolResult>> results = new CompletableFuture<>();
    tools.run(calls, List.of(), results::complete);
    return results;
  }

  @Test
  void answersInTheOrderOfTheCalls() throws Exception {
    try (Toolbox tools = open()) {
      assertThat(tools.answers("f", List.of("f"))).isTrue();
      assertThat(tools.answers("h", List.of("f", "h"))).isFalse();
      assertThat(tools.answers("h", List.of())).isFalse();
      assertThat(run(tools, "1", "2", "3").get())
          .extracting(ToolResult::value)
          .containsExactly("<1>", "<2>", "<3>");
    }
    assertThat(LIFE).containsExactly("open {a=b, n=[1]}", "close");
  }

  @Test
  void batchesWhatWaits() throws Exception {
    try (Toolbox tools = open()) {
      List<CompletableFuture<List<ToolResult>>> all = new ArrayList<>();
      all.add(run(tools, "wait"));
      all.add(run(tools, "wait"));
      for (int i = 0; i < 7; i++) {
        all.add(run(tools, "" + i));
      }
      while (BATCHES.size() < 2) {
        Thread.onSpinWait();
      }
      assertThat(BATCHES).containsExactly(1, 1);
      gate.countDown();
      for (int i = 0; i < 7; i++) {
        assertThat(all.get(i + 2).get().get(0).value()).isEqualTo("<" + i + ">");
      }
      assertThat(BATCHES).hasSize(5).contains(3);
      assertThat(BATCHES.stream().mapToInt(n -> n).sum()).isEqualTo(9);
    }
  }

  @Test
  void whatAnExecutorDoesWrongIsTheAnswerToItsCalls() throws Exception {
    try (Toolbox tools = open()) {
      assertThat(run(tools, "fail").get().get(0).error()).isEqualTo("no luck");
      assertThat(run(tools, "die").get().get(0).error())
          .isEqualTo("the tool failed: StackOverflowError");
      assertThat(run(tools, "few").get().get(0).error())
          .isEqualTo("the tool gave no answer to this call");
      assertThat(run(tools, "null").get().get(0).error())
          .isEqualTo("the tool gave no answer to this call");
      assertThat(run(tools, "1").get().get(0).value()).isEqualTo("<1>");
    }
  }

  @Test
  void aCallThatTakesTooLongIsAnsweredAndGivesItsPlaceToOthers() throws Exception {
    try (Toolbox tools = open("tool_timeout_seconds", "0.2", "tool_concurrency", "1")) {
      CompletableFuture<List<ToolResult>> late = run(tools, "wait");
      CompletableFuture<List<ToolResult>> next = run(tools, "1");
      assertThat(late.get().get(0).error()).isEqualTo("the tool gave no answer within 0.2 seconds");
      assertThat(next.get().get(0).value()).isEqualTo("<1>");
    }
  }

  @Test
  void answersAreBounded() throws Exception {
    String large = "x".repeat((1 << 20) + 1);
    try (Toolbox tools = open()) {
      assertThat(run(tools, large).get().get(0).error()).contains("more than 1048576 characters");
    }
  }

  @Test
  void closingInterruptsWhatIsUnderWay() throws Exception {
    Toolbox tools = open();
    CompletableFuture<List<ToolResult>> under = run(tools, "wait");
    while (BATCHES.isEmpty()) {
      Thread.onSpinWait();
    }
    tools.close();
    assertThat(under.get().get(0).isError()).isTrue();
  }

  /** Names a class that is on the class path, where nothing of it is made before. */
  @Test
  void makesOnlyExecutorsThatAreNamed() {
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(
            () ->
                Toolbox.open(
                    ToolOptions.of(Calls.options("tool_executors", "{\"com.example.None\": {}}")),
                    ToolData.NONE))
        .withMessageContaining("there is no tool executor 'com.example.None'");
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(
            () ->
                Toolbox.open(
                    ToolOptions.of(Calls.options("tool_executors", "{\"java.lang.String\": {}}")),
                    ToolData.NONE))
        .withMessageContaining("there is no tool executor 'java.lang.String'");
    assertThat(LIFE).isEmpty();
  }

  @Test
  void findsThoseOfTheServiceLoaderByTheirSimpleNames() throws Exception {
    try (Toolbox tools =
        Toolbox.open(
            ToolOptions.of(Calls.options("tool_executors", "{\"EchoExecutor\": {}}")),
            ToolData.NONE)) {
      CompletableFuture<List<ToolResult>> results = new CompletableFuture<>();
      tools.run(List.of(Calls.of("echo", "{}")), List.of(), results::complete);
      assertThat(results.get()).containsExactly(ToolResult.of("{}"));
    }
  }

  @Test
  void tablesHaveToBeShipped() {
    for (String[] option :
        new String[][] {
          {"tool_lookup", "{\"f\": {\"table\": \"t\", \"key\": \"k\"}}"},
          {"tool_browser", "{\"table\": \"t\"}"}
        }) {
      assertThatExceptionOfType(InvalidConfigException.class)
          .isThrownBy(() -> Toolbox.open(ToolOptions.of(Calls.options(option)), ToolData.NONE))
          .withMessageStartingWith("option " + option[0] + " needs its table");
    }
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> open("tool_process", "{\"f\": {\"command\": \"x\"}}"))
        .withMessageContaining("function f is given to two tools");
    assertThat(LIFE).containsExactly("open {a=b, n=[1]}", "close");
  }
}
