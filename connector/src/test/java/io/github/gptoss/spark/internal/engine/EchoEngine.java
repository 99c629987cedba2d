package io.github.gptoss.spark.internal.engine;

import io.github.gptoss.engine.EngineInfo;
import io.github.gptoss.engine.EngineStats;
import io.github.gptoss.engine.FinishReason;
import io.github.gptoss.engine.GenerationRequest;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.Usage;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/**
 * Answers a prompt with its ids in reverse order, when the test says so: a deterministic stand-in
 * whose every future is in the test's hands.
 */
public final class EchoEngine implements CompletionEngine {
  public final List<CompletableFuture<GenerationResult>> submitted = new ArrayList<>();
  public final List<int[]> prompts = new ArrayList<>();
  int open;
  public int mostOpen;
  public boolean answersAtOnce = true;
  boolean alive = true;
  boolean closed;

  @Override
  public synchronized CompletableFuture<GenerationResult> submit(GenerationRequest request) {
    IntBuffer view = request.prompt();
    int[] prompt = new int[view.remaining()];
    view.get(prompt);
    CompletableFuture<GenerationResult> future = new CompletableFuture<>();
    prompts.add(prompt);
    submitted.add(future);
    open++;
    mostOpen = Math.max(mostOpen, open);
    future.whenComplete(
        (result, failure) -> {
          open--;
        });
    if (answersAtOnce) {
      answer(submitted.size() - 1);
    }
    return future;
  }

  public synchronized void answer(int index) {
    submitted.get(index).complete(answer(prompts.get(index)));
  }

  public synchronized void answer(int index, String response) {
    submitted.get(index).complete(answer(prompts.get(index), response));
  }

  public static GenerationResult answer(int[] prompt) {
    return answer(prompt, "answer " + List.of(IntStream.of(reversed(prompt)).boxed().toArray()));
  }

  private static int[] reversed(int[] prompt) {
    return IntStream.range(0, prompt.length).map(i -> prompt[prompt.length - 1 - i]).toArray();
  }

  private static GenerationResult answer(int[] prompt, String response) {
    int[] reversed = reversed(prompt);
    return new GenerationResult(
        reversed,
        FinishReason.STOP,
        new Usage(prompt.length, reversed.length, 0, 0),
        response,
        null,
        "",
        "",
        List.of(),
        false,
        List.of(),
        null);
  }

  @Override
  public boolean isAlive() {
    return alive;
  }

  @Override
  public EngineInfo info() {
    return new EngineInfo("echo", "fingerprint", "cpu", 1 << 17, 1 << 18, true, Map.of(), 0);
  }

  @Override
  public EngineStats stats() {
    return new EngineStats(open, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  }

  @Override
  public void close() {
    closed = true;
  }
}
