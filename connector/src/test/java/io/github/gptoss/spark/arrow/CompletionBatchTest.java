package io.github.gptoss.spark.arrow;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.FinishReason;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.Usage;
import io.github.gptoss.engine.harmony.ToolCall;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.junit.jupiter.api.Test;

class CompletionBatchTest {
  private static GenerationResult random(Random random) {
    if (random.nextInt(4) == 0) {
      return GenerationResult.failed("null_prompt", "the prompt is null", random.nextInt(9));
    }
    List<ToolCall> calls = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      calls.add(new ToolCall("call_" + i, "f" + random.nextInt(), "{\"ü\": " + i + "}"));
    }
    return new GenerationResult(
        random.ints(random.nextInt(50)).toArray(),
        FinishReason.values()[random.nextInt(3)],
        new Usage(random.nextInt(99), random.nextInt(99), random.nextInt(99), random.nextInt(99)),
        "antwort 😀 " + "x".repeat(random.nextInt(500)),
        random.nextBoolean() ? "" : "weil",
        "",
        calls,
        random.nextBoolean(),
        List.of(),
        null);
  }

  private static int[] read(IntBuffer view) {
    int[] ids = new int[view.remaining()];
    view.get(ids);
    return ids;
  }

  @Test
  void readsBackEveryFieldOfEveryRowAndAgainAfterClearing() {
    Random random = new Random(17);
    try (BufferAllocator allocator = ArrowMemory.newChild("test");
        CompletionBatch batch = new CompletionBatch(allocator)) {
      for (int round = 0; round < 3; round++) {
        List<GenerationResult> results = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
          GenerationResult result = random(random);
          results.add(result);
          batch.append(result, new int[] {i, -i});
        }
        assertThat(batch.rows()).isEqualTo(500);
        for (int i = 0; i < 500; i++) {
          GenerationResult expected = results.get(i);
          assertThat(batch.response(i)).isEqualTo(expected.response());
          assertThat(batch.reasoning(i)).isEqualTo(expected.reasoning());
          assertThat(batch.toolCalls(i)).isEqualTo(expected.toolCalls());
          assertThat(batch.finishReason(i)).isEqualTo(expected.finishReason().wireName());
          assertThat(batch.usage(i)).isEqualTo(expected.usage());
          assertThat(batch.salvaged(i)).isEqualTo(expected.salvaged());
          assertThat(batch.errorCode(i))
              .isEqualTo(expected.error() == null ? null : expected.error().code());
          assertThat(batch.errorMessage(i))
              .isEqualTo(expected.error() == null ? null : expected.error().message());
          assertThat(read(batch.completionTokens(i))).isEqualTo(expected.tokens());
          assertThat(read(batch.promptTokens(i))).containsExactly(i, -i);
        }
        batch.clear();
      }
    }
  }
}
