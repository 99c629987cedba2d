package io.github.gptoss.spark.internal.journal;

import io.github.gptoss.engine.FinishReason;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.RequestError;
import io.github.gptoss.engine.Usage;
import io.github.gptoss.engine.harmony.ToolCall;
import io.github.gptoss.spark.internal.completions.CompletionKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** What a segment may hold, of every shape, from a seed. */
final class Entries {
  private static final String[] TEXTS = {null, "", "x", "Grüße 😀\n\u0000", "a".repeat(5000)};

  private Entries() {}

  record Entry(CompletionKey key, GenerationResult result) {}

  static List<Entry> of(long seed, int rows) {
    Random random = new Random(seed);
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      entries.add(new Entry(key(random), result(random)));
    }
    return entries;
  }

  static byte[] encoded(List<Entry> entries) throws IOException {
    try (Segment segment = new Segment()) {
      entries.forEach(entry -> segment.append(entry.key, entry.result));
      return SegmentCodec.encode(segment);
    }
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
    return new GenerationResult(
        random.ints(random.nextInt(50)).toArray(),
        FinishReason.values()[random.nextInt(FinishReason.values().length)],
        new Usage(random.nextInt(), random.nextInt(), random.nextInt(), random.nextInt()),
        text(random),
        null,
        text(random),
        text(random),
        List.copyOf(calls),
        random.nextBoolean(),
        List.of(),
        random.nextBoolean() ? null : new RequestError("code", text(random)));
  }
}
