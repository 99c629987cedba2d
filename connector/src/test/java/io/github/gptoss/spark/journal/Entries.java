package io.github.gptoss.spark.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.FinishReason;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.RequestError;
import io.github.gptoss.engine.TokenLogprobs;
import io.github.gptoss.engine.Usage;
import io.github.gptoss.engine.harmony.ToolCall;
import io.github.gptoss.spark.executor.CompletionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Entries of every shape, from a seed. */
final class Entries {
  private static final String[] TEXTS = {null, "", "x", "Grüße 😀\n\u0000", "a".repeat(5000)};

  private Entries() {}

  static List<JournalEntry> of(long seed, int rows) {
    Random random = new Random(seed);
    List<JournalEntry> entries = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      entries.add(new JournalEntry(key(random), result(random)));
    }
    return entries;
  }

  static CompletionKey key(Random random) {
    return new CompletionKey(
        random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
  }

  private static String text(Random random) {
    return TEXTS[random.nextInt(TEXTS.length)];
  }

  private static GenerationResult result(Random random) {
    List<ToolCall> calls = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      calls.add(new ToolCall(text(random), text(random), text(random)));
    }
    List<TokenLogprobs> logprobs = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      int[] top = random.ints(random.nextInt(4)).toArray();
      float[] values = new float[top.length];
      for (int j = 0; j < top.length; j++) {
        values[j] = j == 0 ? Float.NEGATIVE_INFINITY : random.nextFloat();
      }
      logprobs.add(new TokenLogprobs(random.nextInt(), -random.nextFloat(), top, values));
    }
    return new GenerationResult(
        random.ints(random.nextInt(50)).toArray(),
        FinishReason.values()[random.nextInt(FinishReason.values().length)],
        new Usage(random.nextInt(), random.nextInt(), random.nextInt(), random.nextInt()),
        text(random),
        text(random),
        null,
        List.copyOf(calls),
        random.nextBoolean(),
        List.copyOf(logprobs),
        random.nextBoolean() ? null : new RequestError("code", text(random)));
  }

  static void assertSame(GenerationResult actual, GenerationResult expected) {
    assertThat(actual).usingRecursiveComparison().isEqualTo(expected);
  }
}
