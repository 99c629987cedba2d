package io.github.gptoss.spark.internal.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.FinishReason;
import io.github.gptoss.engine.FormedAnswer;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.Usage;
import io.github.gptoss.spark.internal.arrow.ArrowMemory;
import io.github.gptoss.spark.internal.completions.CompletionFacts;
import io.github.gptoss.spark.internal.completions.CompletionOrigin;
import io.github.gptoss.spark.internal.completions.CompletionType;
import io.github.gptoss.spark.internal.completions.CompletionVectors;
import io.github.gptoss.spark.internal.completions.RowShare;
import io.github.gptoss.spark.internal.options.OptionValues;
import io.github.gptoss.spark.internal.parsed.ParsedType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SamplesTest {
  private final BufferAllocator memory = ArrowMemory.newChild("test");
  private final CompletionVectors vectors = CompletionVectors.ofSamples(false, memory);

  @AfterEach
  void close() {
    vectors.close();
    memory.close();
  }

  private static GenerationResult result(
      FinishReason reason, String response, FormedAnswer formed) {
    return new GenerationResult(
        new int[] {1},
        reason,
        new Usage(10, 3, 1, 4),
        response,
        formed,
        "",
        "",
        List.of(),
        false,
        List.of(),
        null);
  }

  private static GenerationResult text(String response) {
    return result(FinishReason.STOP, response, null);
  }

  private static GenerationResult formed(String answer) {
    return result(FinishReason.STOP, answer, new FormedAnswer(answer, false, null, null));
  }

  private Samples samples(boolean areJson, GenerationResult... results) {
    return samples(ParsedType.TEXT, areJson, results);
  }

  private Samples samples(ParsedType parsed, boolean areJson, GenerationResult... results) {
    Samples samples = new Samples(results.length, parsed, areJson);
    // In another order than theirs, as the engine may finish them.
    for (int i = results.length - 1; i >= 0; i--) {
      vectors.append(results[i], RowShare.NONE);
      boolean areAll =
          samples.add(
              i,
              new Samples.Sample(
                  CompletionFacts.of(results[i]),
                  CompletionOrigin.GENERATED,
                  results[i].usage(),
                  new CompletionVectors.At(vectors, vectors.rows() - 1)));
      assertThat(areAll).isEqualTo(i == 0);
    }
    return samples;
  }

  private Samples.Chosen vote(boolean areJson, GenerationResult... results) {
    return samples(areJson, results).chosen(true);
  }

  @Test
  void withoutAVoteTheFirstIsTheRows() {
    assertThat(samples(false, text("b"), text("a"), text("a")).chosen(false))
        .isEqualTo(new Samples.Chosen(0, null));
  }

  @Test
  void mostAnswersWinAndOfTiesTheOneThatComesFirst() {
    assertThat(vote(false, text("b"), text("a"), text("c"), text("a")))
        .isEqualTo(new Samples.Chosen(1, 0.5));
    assertThat(vote(false, text("b"), text("a"), text("a"), text("b")))
        .isEqualTo(new Samples.Chosen(0, 0.5));
    assertThat(vote(false, text("d"), text("c"), text("b"), text("a")))
        .isEqualTo(new Samples.Chosen(0, 0.25));
  }

  @Test
  void textsAreEqualButForWhiteSpaceAroundThem() {
    assertThat(vote(false, text("b"), text(" a\n"), text("a")))
        .isEqualTo(new Samples.Chosen(1, 2.0 / 3));
    assertThat(vote(false, text("b"), text("A"), text("a")))
        .isEqualTo(new Samples.Chosen(0, 1.0 / 3));
  }

  @Test
  void jsonIsEqualByValue() {
    assertThat(
            vote(
                true,
                formed("{\"a\": 2, \"b\": [1]}"),
                formed("{\"a\": 1, \"b\": [1, {\"c\": \"ü\", \"d\": null}]}"),
                formed("{\"b\":[1.0,{\"d\":null,\"c\":\"\\u00fc\"}],\"a\":1e0}")))
        .isEqualTo(new Samples.Chosen(1, 2.0 / 3));
    assertThat(vote(true, formed("[1,2]"), formed("[2,1]"), formed("\"1\""), formed("1")))
        .isEqualTo(new Samples.Chosen(0, 0.25));
  }

  /** Which answers are equal as values of a declared type; the first one differs from them. */
  private void assertEqual(String type, String... answers) {
    OptionValues options =
        OptionValues.resolve(Map.of("model", "demo", "response_format", type), Map.of());
    ParsedType parsed = CompletionType.of(options).parsed();
    assertThat(parsed.isText()).isFalse();
    GenerationResult[] results =
        Arrays.stream(answers).map(SamplesTest::formed).toArray(GenerationResult[]::new);
    assertThat(samples(parsed, true, results).chosen(true))
        .isEqualTo(new Samples.Chosen(1, (answers.length - 1.0) / answers.length));
  }

  @Test
  void aMemberThatIsLeftOutIsNull() {
    String schema =
        """
        {"type": "json_schema", "json_schema": {"name": "s", "schema": {"type": "object",
         "properties": {"a": {"type": "integer"}, "b": {"type": ["string", "null"]}},
         "required": ["a"], "additionalProperties": false}}}""";
    assertEqual(
        schema, "{\"a\":2}", "{\"a\":1}", "{\"a\":1,\"b\":null}", "{\"b\": null, \"a\": 1}");
  }

  @Test
  void aFormThatIsNoJsonIsComparedAsText() {
    assertThat(vote(false, formed("1"), formed("1.0"), formed("1.0")))
        .isEqualTo(new Samples.Chosen(1, 2.0 / 3));
  }

  @Test
  void whatFailedWasCutOrSaysNothingHasNoVoteAndCountsInTheShare() {
    GenerationResult failed = GenerationResult.failed("internal_error", "gone", 1);
    GenerationResult cut = result(FinishReason.LENGTH, "a", null);
    GenerationResult halfFormed =
        result(FinishReason.LENGTH, "a", new FormedAnswer(null, true, null, null));
    GenerationResult calls = result(FinishReason.TOOL_CALLS, "a", null);
    assertThat(vote(false, failed, cut, halfFormed, calls, text(" "), text("b"), text("b")))
        .isEqualTo(new Samples.Chosen(5, 2.0 / 7));
    assertThat(vote(false, failed, cut, text("")))
        .as("no votes at all")
        .isEqualTo(new Samples.Chosen(0, 0.0));
  }

  @Test
  void thePromptCountsOnce() {
    Samples samples = samples(false, text("a"), text("b"), text("c"));
    assertThat(samples.usage()).isEqualTo(new Usage(10, 9, 3, 4));
    CompletionFacts facts = samples.facts(new Samples.Chosen(1, null), text("c").usage());
    assertThat(facts.usage()).isEqualTo(new Usage(10, 3, 1, 4));
    assertThat(facts.total()).isEqualTo(new Usage(10, 9, 3, 4));
  }
}
