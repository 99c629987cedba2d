package io.github.gptoss.spark.internal.budget;

import io.github.gptoss.engine.GenerationRequest;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.spark.internal.engine.CompletionEngine;
import io.github.gptoss.spark.internal.engine.DaemonThreads;
import io.github.gptoss.spark.internal.options.OptionValues;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.SQLExecution;

/** A task's way to the engine, within the budget of its query or job. Thread-safe. */
public final class Admission implements AutoCloseable {
  /** Of calls without a budget. */
  public static final Admission FREE = new Admission(null, false);

  /** Local property of Spark's jobs that are parts of one run, which has one account. */
  public static final String RUN = "gptoss.run";

  /**
   * @param application since one JVM may have several, one after another, whose queries have one
   *     number
   */
  private record Key(String application, String account, Budget budget) {}

  /** Those of this JVM. One that no task uses stays for the next, until another one is made. */
  private static final Map<Key, BudgetGate> GATES = new HashMap<>();

  private static ScheduledExecutorService thread;

  private final BudgetGate gate;
  private final boolean areBegun;

  private Admission(BudgetGate gate, boolean areBegun) {
    this.gate = gate;
    this.areBegun = areBegun;
  }

  /**
   * For the calling thread's task, or on the driver for the query that it evaluates itself.
   *
   * @param areBegun whether another call has begun the rows, so that none is refused
   */
  public static Admission open(OptionValues options, boolean areBegun) {
    Budget budget = Budget.of(options);
    return budget.isLimited()
        ? new Admission(enter(new Key(application(), account(), budget), options), areBegun)
        : FREE;
  }

  private static synchronized BudgetGate enter(Key key, OptionValues options) {
    if (thread == null) {
      thread = DaemonThreads.timer("gptoss-budget");
    }
    BudgetGate gate = GATES.get(key);
    if (gate == null) {
      GATES.values().removeIf(BudgetGate::isIdle);
      int rows = options.engineConfig().maxNumSeqs();
      // A few that wait, so that no step goes without.
      gate =
          new BudgetGate(
              key.account(), key.budget(), rows + (rows + 3) / 4, BudgetService::claim, thread);
      GATES.put(key, gate);
    }
    gate.enter();
    return gate;
  }

  /**
   * What the thread's work belongs to: a run of the job, else the query, which is one micro-batch
   * where it streams, else the stage.
   */
  private static String account() {
    String run = property(RUN);
    if (run != null) {
      return run;
    }
    String query = property(SQLExecution.EXECUTION_ROOT_ID_KEY());
    if (query == null) {
      query = property(SQLExecution.EXECUTION_ID_KEY());
    }
    if (query != null) {
      return "query " + query;
    }
    TaskContext task = TaskContext.get();
    return task == null ? UUID.randomUUID().toString() : "stage " + task.stageId();
  }

  private static String application() {
    SparkEnv env = SparkEnv.get();
    return env == null ? "" : env.conf().getAppId();
  }

  private static String property(String name) {
    TaskContext task = TaskContext.get();
    if (task != null) {
      return task.getLocalProperty(name);
    }
    return SparkSession.getActiveSession().isEmpty()
        ? null
        : SparkSession.active().sparkContext().getLocalProperty(name);
  }

  /**
   * As {@link CompletionEngine#submit}, when the budget allows it; else the result is the budget's
   * error.
   *
   * @param row to which it belongs: a row of which a generation has begun is not left in the middle
   */
  public CompletableFuture<GenerationResult> submit(
      GenerationRequest request, CompletionEngine engine, BudgetedRow row)
      throws InterruptedException {
    if (gate == null) {
      return engine.submit(request);
    }
    if (areBegun) {
      row.begin();
    }
    return gate.submit(request, engine, row);
  }

  /** The task asks no more. */
  @Override
  public void close() {
    if (gate != null) {
      gate.leave();
    }
  }
}
