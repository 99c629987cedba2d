package io.github.gptoss.spark.internal.completions;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.EngineInfo;
import io.github.gptoss.engine.GenerationRequest;
import io.github.gptoss.engine.sampling.LogitBias;
import io.github.gptoss.engine.sampling.SamplingParams;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class CompletionKeysTest {
  private static final EngineInfo INFO =
      new EngineInfo("/models/m", "fingerprint", "cpu", 1000, 200_000, true, Map.of(), 0);

  private final CompletionKeys keys = new CompletionKeys("m", "cpu", INFO);

  private static GenerationRequest request(
      UnaryOperator<GenerationRequest.Builder> change, int... prompt) {
    return change
        .apply(
            GenerationRequest.harmony(IntBuffer.wrap(prompt))
                .sampling(half().build())
                .maxTokens(50))
        .build();
  }

  private static SamplingParams.Builder half() {
    return SamplingParams.builder().temperature(0.5);
  }

  private static UnaryOperator<GenerationRequest.Builder> sampling(
      UnaryOperator<SamplingParams.Builder> change) {
    return b -> b.sampling(change.apply(half()).build());
  }

  private CompletionKey key(UnaryOperator<GenerationRequest.Builder> change) {
    return keys.of(request(change, 1, 2, 3));
  }

  @Test
  void everyParameterThatChangesTokensChangesTheKey() {
    List<UnaryOperator<GenerationRequest.Builder>> changes =
        List.of(
            b -> b,
            b -> b.maxTokens(51),
            b -> b.maxReasoningTokens(20),
            b -> b.maxReasoningTokens(0),
            sampling(s -> s.temperature(0.25)),
            sampling(s -> s.temperature(0)),
            sampling(s -> s.topP(0.5)),
            sampling(s -> s.topK(4)),
            sampling(s -> s.minP(0.5)),
            sampling(s -> s.repetitionPenalty(1.5)),
            sampling(s -> s.presencePenalty(0.5)),
            sampling(s -> s.frequencyPenalty(0.5)),
            sampling(s -> s.logitBias(LogitBias.of(Map.of(5, 1f)))),
            sampling(s -> s.logitBias(LogitBias.of(Map.of(5, 2f)))),
            sampling(s -> s.seed(1)),
            b -> b.stop(List.of("a", "b")),
            b -> b.stop(List.of("ab")),
            sampling(s -> s.logprobs(0)),
            b -> b.ignoreEos(true),
            b -> b.loopDetectionTokens(64));
    assertThat(changes.stream().map(this::key)).doesNotHaveDuplicates();
  }

  @Test
  void theModelAndItsBackendAreInTheKey() {
    GenerationRequest request = request(b -> b, 1, 2, 3);
    EngineInfo other =
        new EngineInfo("/models/m", "another", "cpu", 1000, 200_000, true, Map.of(), 0);
    assertThat(
            List.of(
                keys.of(request),
                new CompletionKeys("n", "cpu", INFO).of(request),
                new CompletionKeys("m", "cuda", INFO).of(request),
                new CompletionKeys("m", "cpu", other).of(request)))
        .doesNotHaveDuplicates();
  }

  @Test
  void anAdapterIsInTheKeyByItsContent() {
    Map<String, String> adapters = Map.of("a", "hash 1", "b", "hash 2", "copy of a", "hash 1");
    CompletionKeys keys =
        new CompletionKeys(
            "m",
            "cpu",
            new EngineInfo("/models/m", "fingerprint", "cpu", 1000, 200_000, true, adapters, 0));
    CompletionKey a = keys.of(request(b -> b.lora("a"), 1, 2, 3));
    assertThat(keys.of(request(b -> b.lora("copy of a"), 1, 2, 3))).isEqualTo(a);
    assertThat(keys.of(request(b -> b, 1, 2, 3))).isEqualTo(key(b -> b));
    assertThat(List.of(a, keys.of(request(b -> b.lora("b"), 1, 2, 3)), key(b -> b)))
        .doesNotHaveDuplicates();
  }

  @Test
  void theKeyStaysTheSameFromRunToRun() {
    // Journals of earlier runs are looked up by it: a change here needs a new form.
    assertThat(key(b -> b))
        .hasToString("8358313679a5e29e93b389ea72ff27b8001402f8e20d42b23e640d61ad04fe18");
  }

  @Test
  void whatIsDrawnWithDoesNotMatterWhereNothingIsDrawn() {
    assertThat(key(sampling(s -> s.temperature(0).seed(7).topP(0.5).topK(3).minP(0.1))))
        .isEqualTo(key(sampling(s -> s.temperature(0))));
  }

  @Test
  void aBudgetBeyondTheContextIsTheContext() {
    assertThat(key(b -> b.maxTokens(997)))
        .isEqualTo(key(b -> b.maxTokens(5000)))
        .isNotEqualTo(key(b -> b.maxTokens(996)));
  }

  @Test
  void promptsOfAnyLengthAreHashedWhole() {
    int[] prompt = IntStream.range(0, 3000).toArray();
    CompletionKey whole = keys.of(request(b -> b, prompt));
    for (int i : new int[] {0, 1, 510, 511, 512, 513, 1023, 1024, 2999}) {
      int[] changed = prompt.clone();
      changed[i]++;
      assertThat(keys.of(request(b -> b, changed))).as("token %d", i).isNotEqualTo(whole);
    }
    assertThat(keys.of(request(b -> b, prompt))).isEqualTo(whole);
  }

  @Property
  void isReadBackAsItWasWritten(
      @ForAll long word0, @ForAll long word1, @ForAll long word2, @ForAll long word3) {
    CompletionKey key = new CompletionKey(word0, word1, word2, word3);
    ByteBuffer bytes = ByteBuffer.allocate(CompletionKey.BYTES);
    key.write(bytes);
    assertThat(bytes.hasRemaining()).isFalse();
    assertThat(CompletionKey.read(bytes.flip())).isEqualTo(key);
    assertThat(key.toString()).hasSize(2 * CompletionKey.BYTES);
  }
}
