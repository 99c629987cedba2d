package io.github.gptoss.spark.internal.completions;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.FinishReason;
import io.github.gptoss.engine.FormedAnswer;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.Usage;
import io.github.gptoss.engine.harmony.ToolCall;
import io.github.gptoss.spark.internal.arrow.ArrowMemory;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class CompletionVectorsTest {
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
        formed(random),
        random.nextBoolean() ? "" : "weil",
        random.nextBoolean() ? "" : "übrigens",
        calls,
        random.nextBoolean(),
        List.of(),
        null);
  }

  private static FormedAnswer formed(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> null;
      case 1 -> new FormedAnswer(null, true, null, null);
      case 2 -> new FormedAnswer("{}", false, random.nextDouble(), null);
      default -> new FormedAnswer("ä", false, 0.5, Map.of("ä", 0.5, "", random.nextDouble()));
    };
  }

  @Test
  void readsBackEveryFieldOfEveryRowAndAgainAfterClearing() {
    Random random = new Random(17);
    try (BufferAllocator allocator = ArrowMemory.newChild("test");
        CompletionVectors vectors = new CompletionVectors(true, allocator)) {
      for (int round = 0; round < 3; round++) {
        List<GenerationResult> results = new ArrayList<>();
        for (int i = 0; i < 700; i++) {
          results.add(random(random));
          vectors.append(results.get(i), share(i, prompt(i)));
          // A row can be read before others are there.
          assertRow(vectors, i, results.get(i));
        }
        assertThat(vectors.rows()).isEqualTo(700);
        for (int i = 0; i < 700; i++) {
          assertRow(vectors, i, results.get(i));
        }
        vectors.clear();
      }
    }
  }

  private static RowShare share(int row, IntBuffer prompt) {
    return new RowShare(prompt, "high", new Usage(1, 2, 3, 4), rounds(row));
  }

  /** Every third row has none. */
  private static ToolRounds rounds(int row) {
    ToolRounds rounds = ToolRounds.NONE;
    for (int i = 0; i < row % 3; i++) {
      ToolCall call = new ToolCall("c" + i, "f", "{}");
      rounds =
          rounds.and(
              new Said(List.of(call), "r" + i, i == 0 ? "" : "ü" + i, row % 2 == 0),
              List.of(new AnsweredCall(call, i == 0 ? "wert" : null, i == 0 ? null : "fehler")),
              new Usage(5, 6, 7, 8));
    }
    return rounds;
  }

  private static IntBuffer prompt(int row) {
    return row % 5 == 0 ? null : IntBuffer.wrap(new int[] {row, -row}, 0, row % 3);
  }

  private static void assertRow(CompletionVectors vectors, int row, GenerationResult result) {
    assertRow(vectors, row, result, row, prompt(row));
  }

  private static void assertRow(
      CompletionVectors vectors, int row, GenerationResult result, int of, IntBuffer prompt) {
    int[] ids = prompt == null ? null : new int[prompt.remaining()];
    if (prompt != null) {
      prompt.get(ids);
    }
    assertThat(CompletionRows.read(vectors, row))
        .isEqualTo(CompletionRows.expected(result, ids, share(of, null)));
  }

  @Test
  void copiesRowsFromOtherVectors() {
    Random random = new Random(23);
    try (BufferAllocator allocator = ArrowMemory.newChild("test");
        CompletionVectors from = new CompletionVectors(true, allocator);
        CompletionVectors to = new CompletionVectors(true, allocator);
        CompletionVectors withoutTokens = new CompletionVectors(false, allocator)) {
      List<GenerationResult> results = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        results.add(random(random));
        from.append(results.get(i), RowShare.NONE);
      }
      for (int i = 0; i < 400; i++) {
        to.append(from, 399 - i, from.usage(399 - i), share(399 - i, prompt(399 - i)));
        withoutTokens.append(from, 399 - i, from.usage(399 - i), RowShare.NONE);
      }
      for (int i = 0; i < 400; i++) {
        assertRow(to, i, results.get(399 - i), 399 - i, prompt(399 - i));
        assertThat(withoutTokens.row(i).numFields()).isEqualTo(16);
        assertThat(withoutTokens.row(i).getUTF8String(4).toString())
            .isEqualTo(results.get(399 - i).finishReason().wireName());
      }
    }
  }

  @Test
  void whatTheSourceHasNotIsNull() {
    Random random = new Random(37);
    try (BufferAllocator allocator = ArrowMemory.newChild("test");
        CompletionVectors from = CompletionVectors.ofSamples(true, allocator);
        CompletionVectors samples = CompletionVectors.ofSamples(true, allocator);
        CompletionVectors to = new CompletionVectors(true, allocator)) {
      for (int i = 0; i < 50; i++) {
        GenerationResult result = random(random);
        from.append(result, RowShare.NONE);
        to.append(from, i, from.usage(i), share(i, prompt(i)));
        samples.append(from, i, from.usage(i), share(i, prompt(i)));
        assertRow(to, i, result);
        assertThat(CompletionRows.readSample(samples, i)).isEqualTo(CompletionRows.read(to, i));
      }
    }
  }

  @Test
  void joinsSamplesToOneRow() {
    Random random = new Random(31);
    try (BufferAllocator allocator = ArrowMemory.newChild("test");
        CompletionVectors from = new CompletionVectors(true, allocator);
        CompletionVectors other = new CompletionVectors(true, allocator);
        CompletionVectors to = new CompletionVectors(true, allocator)) {
      List<GenerationResult> results = new ArrayList<>();
      for (int i = 0; i < 600; i++) {
        results.add(random(random));
        (i % 2 == 0 ? from : other).append(results.get(i), share(i, prompt(i)));
      }
      Usage total = new Usage(1, 2, 3, 4);
      for (int row = 0; row < 200; row++) {
        List<CompletionVectors.At> samples = new ArrayList<>();
        for (int i = 3 * row; i < 3 * row + row % 4; i++) {
          samples.add(new CompletionVectors.At(i % 2 == 0 ? from : other, i / 2));
        }
        if (samples.isEmpty()) {
          to.append(results.get(row), RowShare.NONE);
        } else {
          to.append(samples, samples.size() - 1, total, row % 2 == 0 ? null : 0.25);
        }
      }
      for (int row = 0; row < 200; row++) {
        assertJoined(to, row, from, other, total);
      }
    }
  }

  private static void assertJoined(
      CompletionVectors to, int row, CompletionVectors from, CompletionVectors other, Usage total) {
    StructType type = CompletionSchema.completion(true);
    int choices = type.fieldIndex(CompletionSchema.CHOICES);
    List<Object> read = CompletionRows.read(to, row);
    int count = row % 4;
    if (count == 0) {
      assertThat(read.get(choices)).isNull();
      assertThat(read.get(choices + 1)).isNull();
      return;
    }
    // The last one was chosen; the row has its fields but for usage, choices and share.
    int last = 3 * row + count - 1;
    List<Object> chosen = CompletionRows.read(last % 2 == 0 ? from : other, last / 2);
    chosen.set(choices + 1, row % 2 == 0 ? null : 0.25);
    List<Object> rest = new ArrayList<>(read);
    chosen.set(choices, rest.set(choices, null));
    rest.set(choices, chosen.get(choices));
    chosen.set(5, RowFactory.create(1, 2, 3, 3, 4));
    assertThat(rest).isEqualTo(chosen);
    List<?> all = (List<?>) read.get(choices);
    assertThat(all).hasSize(count);
    for (int i = 0; i < count; i++) {
      int at = 3 * row + i;
      List<Object> sample = CompletionRows.read(at % 2 == 0 ? from : other, at / 2);
      List<Object> choice = new ArrayList<>(List.of(i));
      choice.addAll(sample.subList(0, choices));
      choice.add(sample.get(type.fieldIndex("completion_tokens")));
      assertThat(all.get(i)).isEqualTo(choice);
    }
  }

  @Test
  void saysWhatIsCountedOfARow() {
    Random random = new Random(29);
    try (BufferAllocator allocator = ArrowMemory.newChild("test");
        CompletionVectors vectors = new CompletionVectors(false, allocator)) {
      for (int i = 0; i < 100; i++) {
        GenerationResult result = random(random);
        vectors.append(result, RowShare.NONE);
        assertThat(vectors.usage(i)).isEqualTo(result.usage());
        assertThat(vectors.finishReason(i)).isEqualTo(result.finishReason().wireName());
        assertThat(vectors.errorCode(i)).isEqualTo(CompletionFacts.of(result).errorCode());
      }
    }
  }

  @Test
  void everyFieldOfTheSchemaHasASourceAndNoOther() {
    StructType all = CompletionSchema.completion(true);
    List<String> sources =
        new ArrayList<>(
            List.of(
                CompletionFields.PROMPT_TOKENS,
                CompletionFields.REASONING_EFFORT,
                CompletionFields.TOOL_ROUNDS,
                CompletionSchema.CHOICES,
                CompletionSchema.VOTE_SHARE));
    sources.addAll(CompletionFields.COMPLETION.keySet());
    sources.addAll(CompletionFields.OF_TURN.keySet());
    assertThat(sources).containsExactlyInAnyOrder(all.fieldNames());
    assertThat(CompletionFields.USAGE.keySet())
        .containsExactlyInAnyOrder(CompletionSchema.USAGE.fieldNames());
    assertThat(CompletionFields.TOOL_CALL.keySet())
        .containsExactlyInAnyOrder(CompletionSchema.TOOL_CALL.fieldNames());
    assertThat(Arrays.copyOf(all.fieldNames(), 16))
        .containsExactly(CompletionSchema.completion(false).fieldNames());
  }
}
