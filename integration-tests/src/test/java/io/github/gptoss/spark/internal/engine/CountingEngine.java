package io.github.gptoss.spark.internal.engine;

import io.github.gptoss.engine.EngineInfo;
import io.github.gptoss.engine.EngineStats;
import io.github.gptoss.engine.FinishReason;
import io.github.gptoss.engine.GenerationRequest;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.Usage;
import io.github.gptoss.engine.harmony.HarmonyEncoding;
import io.github.gptoss.engine.harmony.Message;
import io.github.gptoss.engine.harmony.ParseMode;
import io.github.gptoss.engine.harmony.Role;
import io.github.gptoss.spark.internal.completions.CompletionKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * An engine that answers {@code ans:} and the last user message, at once, and remembers what it was
 * asked.
 */
public final class CountingEngine implements CompletionEngine {
  /**
   * @param messages of the rendered prompt
   * @param request its prompt is gone
   * @param key equal where prompt and parameters are
   */
  public record Asked(List<Message> messages, GenerationRequest request, Object key) {
    /** The text of the last message of the user. */
    public String question() {
      return messages.stream()
          .filter(m -> m.role() == Role.USER)
          .reduce((a, b) -> b)
          .orElseThrow()
          .text();
    }
  }

  private final List<Asked> asked = new ArrayList<>();

  /** What was asked since {@link #reset}. */
  public synchronized List<Asked> asked() {
    return List.copyOf(asked);
  }

  public synchronized void reset() {
    asked.clear();
  }

  @Override
  public synchronized CompletableFuture<GenerationResult> submit(GenerationRequest request) {
    int[] prompt = new int[request.prompt().remaining()];
    request.prompt().duplicate().get(prompt);
    Asked question =
        new Asked(
            HarmonyEncoding.gptOss().parse(prompt, null, ParseMode.BEST_EFFORT),
            request,
            new CompletionKeys("model", "cpu", info()).of(request));
    asked.add(question);
    return CompletableFuture.completedFuture(
        new GenerationResult(
            new int[] {200002},
            FinishReason.STOP,
            new Usage(prompt.length, 1, 0, 0),
            "ans:" + question.question(),
            null,
            "thought",
            "",
            List.of(),
            false,
            List.of(),
            null));
  }

  @Override
  public boolean isAlive() {
    return true;
  }

  @Override
  public EngineInfo info() {
    return new EngineInfo("counting", "fingerprint", "cpu", 1 << 17, 1 << 18, true, 0);
  }

  @Override
  public EngineStats stats() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
