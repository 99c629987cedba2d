package io.github.gptoss.spark.internal.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.spark.tools.ToolExecutor;
import io.github.gptoss.spark.tools.ToolRequest;
import io.github.gptoss.spark.tools.ToolResult;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CallQueueTest {
  private final AtomicBoolean noThreads = new AtomicBoolean();
  private final CountDownLatch gate = new CountDownLatch(1);
  private final ScheduledExecutorService clock = new ScheduledThreadPoolExecutor(1);

  /** Has no thread to give while that is so. */
  private final ExecutorService threads =
      new ThreadPoolExecutor(0, 100, 1, TimeUnit.SECONDS, new SynchronousQueue<>()) {
        @Override
        public void execute(Runnable work) {
          if (noThreads.get()) {
            throw new OutOfMemoryError("unable to create native thread");
          }
          super.execute(work);
        }
      };

  /** Gives lists that are worked out when they are read. */
  private final class Lazy implements ToolExecutor {
    @Override
    public Set<String> functions() {
      return Set.of("f");
    }

    @Override
    public int batchCalls() {
      return 2;
    }

    @Override
    public List<ToolResult> execute(List<ToolRequest> calls) throws InterruptedException {
      if (calls.get(0).arguments().equals("wait")) {
        gate.await();
      }
      return new AbstractList<>() {
        private int reads;

        @Override
        public ToolResult get(int i) {
          if (++reads > calls.size()) {
            throw new IllegalStateException("read twice");
          }
          return ToolResult.of(calls.get(i).arguments());
        }

        @Override
        public int size() {
          return calls.size();
        }
      };
    }
  }

  private final CallQueue queue =
      new CallQueue(new Lazy(), 1, Duration.ofSeconds(50), threads, clock);

  @AfterEach
  void stop() {
    threads.shutdownNow();
    clock.shutdownNow();
  }

  private CompletableFuture<ToolResult> add(String arguments) {
    CompletableFuture<ToolResult> result = new CompletableFuture<>();
    queue.add(Calls.of("f", arguments), result::complete);
    return result;
  }

  @Test
  void aListOfResultsIsReadOnce() throws Exception {
    assertThat(add("1").get()).isEqualTo(ToolResult.of("1"));
  }

  @Test
  void callsThatGetNoThreadAreAnsweredAndTheirPlaceIsFree() throws Exception {
    CompletableFuture<ToolResult> first = add("wait");
    List<CompletableFuture<ToolResult>> others = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      others.add(add("" + i));
    }
    noThreads.set(true);
    gate.countDown();
    assertThat(first.get()).isEqualTo(ToolResult.of("wait"));
    for (CompletableFuture<ToolResult> other : others) {
      assertThat(other.get()).isEqualTo(ToolResult.failed("the tool could not be started"));
    }
    noThreads.set(false);
    assertThat(add("1").get()).isEqualTo(ToolResult.of("1"));
  }

  @Test
  void anAnswerThatIsNotTakenKeepsNoOtherBack() throws Exception {
    CompletableFuture<ToolResult> first = add("wait");
    queue.add(
        Calls.of("f", "1"),
        result -> {
          throw new IllegalStateException("not taken");
        });
    CompletableFuture<ToolResult> second = add("2");
    gate.countDown();
    assertThat(first.get()).isEqualTo(ToolResult.of("wait"));
    assertThat(second.get()).isEqualTo(ToolResult.of("2"));
  }
}
