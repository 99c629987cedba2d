package io.github.gptoss.spark.internal.tools;

import io.github.gptoss.spark.tools.ToolExecutor;
import io.github.gptoss.spark.tools.ToolRequest;
import io.github.gptoss.spark.tools.ToolResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The tools of one task, and the threads that run them. Every call is answered, whatever its
 * executor does: with an error where it throws, gives too few answers, or takes too long.
 */
public final class Toolbox implements AutoCloseable {
  /** Beyond it, an answer fits no context. */
  private static final int MOST_CHARS = 1 << 20;

  private static final int MOST_NAMES = 50;
  private static final int MOST_NAME_CHARS = 200;

  private static final int IDLE_SECONDS = 10;

  private final Map<String, CallQueue> queues = new HashMap<>();
  private final List<ToolExecutor> executors = new ArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool(daemons("gptoss-tool"));
  private final ScheduledThreadPoolExecutor clock =
      new ScheduledThreadPoolExecutor(1, daemons("gptoss-tool-clock"));
  private final Duration limit;

  private Toolbox(Duration limit) {
    this.limit = limit;
    // Where rows are completed one by one, nothing says when the last one was.
    clock.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
    clock.allowCoreThreadTimeOut(true);
    clock.setRemoveOnCancelPolicy(true);
  }

  /**
   * Opens the tools of a call.
   *
   * @param data what the tables hold that they answer from
   * @throws io.github.gptoss.engine.error.InvalidConfigException if an executor is not there, two
   *     run the same function, or a table was not shipped
   */
  public static Toolbox open(ToolOptions options, ToolData data) {
    Toolbox tools = new Toolbox(options.limit());
    try {
      tools.openAll(options, data);
      return tools;
    } catch (RuntimeException | Error e) {
      tools.close();
      throw e;
    }
  }

  private void openAll(ToolOptions options, ToolData data) {
    if (!options.lookups().isEmpty()) {
      if (!data.lookups().keySet().containsAll(options.lookups().keySet())) {
        throw ToolErrors.notShipped("tool_lookup");
      }
      add(new LookupTool(data.lookups()), 1);
    }
    if (options.browser() != null) {
      if (data.pages() == null) {
        throw ToolErrors.notShipped(BrowserSpec.WHERE);
      }
      add(new BrowserTool(options.browser(), data.pages()), 1);
    }
    if (!options.http().isEmpty()) {
      add(new HttpTool(options.http(), limit), options.concurrency());
    }
    if (!options.processes().isEmpty()) {
      add(new ProcessTool(options.processes()), options.concurrency());
    }
    options
        .executors()
        .forEach(
            (name, settings) -> {
              ToolExecutor own = OwnExecutors.named(name);
              executors.add(own);
              own.open(settings);
              route(own, options.concurrency());
            });
  }

  private void add(ToolExecutor executor, int concurrency) {
    executors.add(executor);
    route(executor, concurrency);
  }

  private void route(ToolExecutor executor, int concurrency) {
    CallQueue queue = new CallQueue(executor, concurrency, limit, threads, clock);
    for (String function : executor.functions()) {
      if (queues.put(function, queue) != null) {
        throw ToolErrors.givenTwice(function);
      }
    }
  }

  /**
   * Whether a call is answered here: one of a function that is run here, or of one that nobody has,
   * which the model is told. The caller of the model answers those that it told the model of.
   *
   * @param told the functions that the model was told of; where it was told of none by their names,
   *     only the functions of a tool that runs here are known
   */
  public boolean answers(String function, List<String> told) {
    return queues.containsKey(function)
        || !told.contains(function) && (!told.isEmpty() || isOfToolHere(function));
  }

  /** Whether the name begins as those of a tool's functions do, such as {@code browser.}. */
  private boolean isOfToolHere(String function) {
    int dot = function.indexOf('.');
    return dot > 0
        && queues.keySet().stream().anyMatch(f -> f.startsWith(function.substring(0, dot + 1)));
  }

  /**
   * Runs calls, each of a function that this {@link #answers}.
   *
   * @param done gets their answers in their order, once
   */
  public void run(List<ToolRequest> calls, List<String> told, Consumer<List<ToolResult>> done) {
    ToolResult[] results = new ToolResult[calls.size()];
    AtomicInteger missing = new AtomicInteger(results.length);
    for (int i = 0; i < results.length; i++) {
      int at = i;
      Consumer<ToolResult> answer =
          result -> {
            results[at] = bounded(result);
            if (missing.decrementAndGet() == 0) {
              done.accept(Collections.unmodifiableList(Arrays.asList(results)));
            }
          };
      ToolRequest call = calls.get(i);
      CallQueue queue = queues.get(call.function());
      if (queue == null) {
        answer.accept(unknown(call.function(), told));
      } else {
        queue.add(call, answer);
      }
    }
  }

  private ToolResult unknown(String function, List<String> told) {
    Collection<String> known = told.isEmpty() ? new TreeSet<>(queues.keySet()) : told;
    return ToolResult.failed(
        "there is no function '"
            + Texts.cut(function, MOST_NAME_CHARS)
            + "': there are "
            + known.stream().limit(MOST_NAMES).collect(Collectors.joining(", ")));
  }

  private static ToolResult bounded(ToolResult result) {
    String text = result.isError() ? result.error() : result.value();
    if (text.length() <= MOST_CHARS) {
      return result;
    }
    return result.isError()
        ? ToolResult.failed(Texts.cut(text, MOST_CHARS))
        : ToolResult.failed("the tool's answer has more than " + MOST_CHARS + " characters");
  }

  /** Interrupts what is under way; what it would give, nobody is told. */
  @Override
  public void close() {
    threads.shutdownNow();
    clock.shutdownNow();
    for (ToolExecutor executor : executors) {
      try {
        executor.close();
      } catch (Throwable e) { // What else the task holds is let go all the same.
        ToolLog.LOG.warn("tool executor {} could not be closed", executor.getClass().getName(), e);
      }
    }
  }

  private static ThreadFactory daemons(String name) {
    return work -> {
      Thread thread = new Thread(work, name);
      thread.setDaemon(true);
      return thread;
    };
  }
}
