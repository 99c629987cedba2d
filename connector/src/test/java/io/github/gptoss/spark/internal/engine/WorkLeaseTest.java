package io.github.gptoss.spark.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.spark.internal.options.OptionValues;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WorkLeaseTest {
  private static final OptionValues A =
      OptionValues.resolve(Map.of("model", "demo", "max_num_seqs", "5"), Map.of());
  private static final OptionValues B =
      OptionValues.resolve(Map.of("model", "demo", "max_num_seqs", "7"), Map.of());

  private final List<EchoEngine> opened = new ArrayList<>();
  private final EngineRegistry registry = new EngineRegistry(this::open, TestProcess.LOCAL);

  private synchronized CompletionEngine open(EngineConfig config) {
    EchoEngine engine = new EchoEngine();
    opened.add(engine);
    return engine;
  }

  /** Work whose end the test decides. */
  private static class NamedWork implements Work {
    private final String name;
    boolean ended;

    NamedWork(String name) {
      this.name = name;
    }

    @Override
    public void checkNotKilled() {}

    @Override
    public Object work() {
      return name;
    }

    @Override
    public boolean hasEnded() {
      return ended;
    }
  }

  /** Work that tells when it ends, as tasks do, and cannot be asked. */
  private static final class Task extends NamedWork {
    private final List<Runnable> atEnd = new ArrayList<>();

    Task(String name) {
      super(name);
    }

    @Override
    public void onEnd(Runnable action) {
      atEnd.add(action);
    }

    void end() {
      atEnd.forEach(Runnable::run);
    }
  }

  private CompletionEngine row(OptionValues options, Work scope) {
    try (WorkLease lease = WorkLease.acquire(registry, options, scope)) {
      return lease.engine();
    }
  }

  private void assertRefused(OptionValues options, Work scope) {
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> row(options, scope))
        .withMessageContaining("max_num_seqs");
  }

  @Test
  void holdsTheEngineBetweenTheRowsOfATaskUntilItEnds() {
    Task task = new Task("task");
    CompletionEngine first = row(A, task);
    assertThat(row(A, task)).isSameAs(first);
    assertRefused(B, task);
    assertRefused(B, new Task("task of another thread"));
    assertThat(registry.closeIdle()).isFalse();
    assertThat(task.atEnd).hasSize(1);
    task.end();
    assertThat(row(B, new Task("later"))).isSameAs(opened.get(1));
    assertThat(opened.get(0).closed).isTrue();
  }

  @Test
  void holdsTheEngineUntilTheLastQueryOfTheDriverEnds() {
    NamedWork first = new NamedWork("first");
    NamedWork second = new NamedWork("second");
    // The driver makes a scope for each row.
    assertThat(row(A, first)).isSameAs(row(A, new NamedWork("first"))).isSameAs(row(A, second));
    assertRefused(B, first);
    second.ended = true;
    assertRefused(B, new NamedWork("third"));
    first.ended = true;
    assertThat(row(B, new NamedWork("third"))).isSameAs(opened.get(1));
    assertThat(opened).hasSize(2);
  }

  @Test
  void anEndedQueryKeepsNothingThoughNobodyTold() {
    NamedWork query = new NamedWork("query");
    row(A, query);
    query.ended = true;
    assertThat(registry.closeIdle()).isTrue();
    assertThat(opened.get(0).closed).isTrue();
    NamedWork next = new NamedWork("next");
    row(A, next);
    next.ended = true;
    // Whoever asks first, not only single rows.
    try (EngineRegistry.Lease lease = registry.acquire(B, new Task("batch"))) {
      assertThat(lease.engine()).isSameAs(opened.get(2));
    }
    assertThat(row(B, new NamedWork("after"))).isSameAs(opened.get(2));
  }

  @Test
  void workWithoutAnEndHoldsNothing() {
    Work endless = () -> {};
    row(A, endless);
    assertThat(row(B, endless)).isSameAs(opened.get(1));
    assertThat(registry.closeIdle()).isTrue();
  }
}
