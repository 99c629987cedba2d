package io.github.gptoss.spark.internal.engine;

import io.github.gptoss.engine.EngineInfo;
import io.github.gptoss.engine.EngineStats;
import io.github.gptoss.engine.FinishReason;
import io.github.gptoss.engine.FormedAnswer;
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
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An engine that answers at once, {@code ans:} and the last user message unless it is told another
 * answer, and remembers what it was asked.
 */
public final class CountingEngine implements CompletionEngine {
  private static final Pattern EFFORT = Pattern.compile("Reasoning: (\\w+)");

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

    /** The reasoning effort that the system message says; none where it says none. */
    public String effort() {
      return messages.stream()
          .filter(m -> m.role() == Role.SYSTEM)
          .map(m -> EFFORT.matcher(m.text()))
          .filter(Matcher::find)
          .map(found -> found.group(1))
          .findFirst()
          .orElse("none");
    }
  }

  private final Function<Asked, String> answer;
  private final boolean answersHaveForms;
  private final List<Asked> asked = new ArrayList<>();

  public CountingEngine() {
    this(question -> "ans:" + question.question());
  }

  public CountingEngine(Function<Asked, String> answer) {
    this(answer, false);
  }

  private CountingEngine(Function<Asked, String> answer, boolean answersHaveForms) {
    this.answer = answer;
    this.answersHaveForms = answersHaveForms;
  }

  /** An engine whose answers have the form that is asked for, where one is. */
  public static CountingEngine forming(Function<Asked, String> answer) {
    return new CountingEngine(answer, true);
  }

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
    String text = answer.apply(question);
    return CompletableFuture.completedFuture(
        new GenerationResult(
            new int[] {200002},
            FinishReason.STOP,
            new Usage(prompt.length, 1, 0, 0),
            text,
            answersHaveForms && request.turn().answer() != null
                ? new FormedAnswer(text, false, null, null)
                : null,
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
    return new EngineInfo("counting", "fingerprint", "cpu", 1 << 17, 1 << 18, true, Map.of(), 0);
  }

  @Override
  public EngineStats stats() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
