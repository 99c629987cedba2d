package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.engine.constraint.ChoiceProbabilities;
import io.github.gptoss.engine.constraint.ConstraintSpec;
import io.github.gptoss.engine.constraint.TurnSpec;
import io.github.gptoss.engine.error.ConstraintException;
import io.github.gptoss.engine.harmony.ConversationBuilder;
import io.github.gptoss.engine.harmony.HarmonyEncoding;
import io.github.gptoss.engine.sampling.SamplingParams;
import io.github.gptoss.engine.tokenizer.SpecialTokens;
import io.github.gptoss.engine.tokenizer.Tokenizer;
import java.nio.IntBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Probabilities of values, beside those that all token paths of the demo model add up to. */
class ChoiceProbabilitiesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double EXACT = 1e-6;

  /** Room for a sequence of 256 tokens of the demo model and little more. */
  private static final long SCARCE_KV_BYTES = 700_000;

  private static GptOssEngine engine;
  private static ModelProbe probe;

  @BeforeAll
  static void open() {
    engine = GptOssEngine.open(EngineConfig.builder("demo").build());
    probe = ModelProbe.open(EngineConfig.builder("demo").build());
  }

  @AfterAll
  static void close() {
    engine.close();
    probe.close();
  }

  private static ConstraintSpec form(String structuredOutputs) throws Exception {
    return ConstraintSpec.of(null, JSON.readTree(structuredOutputs)).orElseThrow();
  }

  private static GenerationRequest request(
      String structuredOutputs, ChoiceProbabilities wanted, int seed) throws Exception {
    return request(structuredOutputs, wanted, seed, 1.5, 8);
  }

  private static GenerationRequest request(
      String structuredOutputs,
      ChoiceProbabilities wanted,
      int seed,
      double temperature,
      int reasoningTokens)
      throws Exception {
    int[] prompt =
        HarmonyEncoding.gptOss()
            .renderForCompletion(ConversationBuilder.ofPrompt("Was I charged twice?").build());
    return GenerationRequest.harmony(IntBuffer.wrap(prompt))
        .maxReasoningTokens(reasoningTokens)
        .maxTokens(200)
        .sampling(SamplingParams.builder().temperature(temperature).seed(seed).build())
        .turn(new TurnSpec(form(structuredOutputs), List.of()).with(wanted))
        .build();
  }

  private static GenerationResult generate(
      String structuredOutputs, List<String> paths, double cutOff, int seed) throws Exception {
    return engine
        .generate(List.of(request(structuredOutputs, ChoiceProbabilities.of(paths, cutOff), seed)))
        .get(0);
  }

  private static int[] context(GenerationResult result, String form, int seed) throws Exception {
    IntBuffer prompt = request(form, ChoiceProbabilities.NONE, seed).prompt();
    int[] all = new int[prompt.remaining() + result.tokens().length];
    prompt.get(all, 0, prompt.remaining());
    int length = all.length - result.tokens().length;
    System.arraycopy(result.tokens(), 0, all, length, result.tokens().length);
    return all;
  }

  /** Adds up all token paths that spell texts of a finite language. */
  private static final class Enumeration {
    private final List<byte[]> texts;
    private final Function<String, String> value;
    private final Map<String, Double> sums = new HashMap<>();

    /** The tokens that can be part of any of the texts. */
    private final List<Integer> parts = new ArrayList<>();

    /**
     * @param value what is decided by the beginning of a text; null where nothing is yet
     */
    Enumeration(List<String> texts, Function<String, String> value) {
      this.texts = texts.stream().map(t -> t.getBytes(StandardCharsets.UTF_8)).toList();
      this.value = value;
      String all = String.join("\0", texts.stream().map(Enumeration::latin).toList());
      for (int token = 0; token < SpecialTokens.FIRST; token++) {
        byte[] bytes = bytes(token);
        if (bytes.length > 0 && all.contains(new String(bytes, StandardCharsets.ISO_8859_1))) {
          parts.add(token);
        }
      }
    }

    /** A character for each byte. */
    private static String latin(String text) {
      return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    void walk(int[] context, byte[] before, double mass) {
      List<Integer> allowed = new ArrayList<>();
      for (int token : parts) {
        if (texts.stream().anyMatch(isBegunBy(before, token))) {
          allowed.add(token);
        }
      }
      if (texts.stream().anyMatch(text -> Arrays.equals(text, before))) {
        allowed.add(SpecialTokens.RETURN);
      }
      double[] weights = new double[allowed.size()];
      double all = 0;
      float[] logits = logits(context);
      for (int i = 0; i < weights.length; i++) {
        weights[i] = Math.exp(logits[allowed.get(i)] - logits[allowed.get(0)]);
        all += weights[i];
      }
      for (int i = 0; i < weights.length; i++) {
        go(context, before, allowed.get(i), mass * weights[i] / all);
      }
    }

    private static Predicate<byte[]> isBegunBy(byte[] before, int token) {
      byte[] longer = concat(before, Tokenizer.o200kHarmony().decodeToBytes(token));
      return text ->
          longer.length <= text.length
              && Arrays.equals(longer, 0, longer.length, text, 0, longer.length);
    }

    private void go(int[] context, byte[] before, int token, double mass) {
      boolean isEnd = token == SpecialTokens.RETURN;
      byte[] read = isEnd ? before : concat(before, Tokenizer.o200kHarmony().decodeToBytes(token));
      String decided = value.apply(new String(read, StandardCharsets.UTF_8) + (isEnd ? "$" : ""));
      if (decided != null) {
        sums.merge(decided, mass, Double::sum);
      } else if (!isEnd) {
        int[] longer = Arrays.copyOf(context, context.length + 1);
        longer[context.length] = token;
        walk(longer, read, mass);
      }
    }

    private static byte[] concat(byte[] a, byte[] b) {
      byte[] both = Arrays.copyOf(a, a.length + b.length);
      System.arraycopy(b, 0, both, a.length, b.length);
      return both;
    }

    private static float[] logits(int[] tokens) {
      float[][] last = new float[1][];
      probe.logits(
          List.of(ModelProbe.Prompt.of(tokens)),
          1,
          (prompt, layer, position, row) -> last[0] = row.clone());
      return last[0];
    }
  }

  private static int answerBegins(int[] tokens) {
    int at = tokens.length - 1;
    while (tokens[at] != SpecialTokens.MESSAGE) {
      at--;
    }
    return at + 1;
  }

  private static void assertEqual(Map<String, Double> found, Map<String, Double> expected) {
    assertThat(found.get("")).isCloseTo(0, within(EXACT));
    expected.forEach(
        (value, mass) -> assertThat(found.getOrDefault(value, 0.0)).isCloseTo(mass, within(EXACT)));
    assertThat(found.values().stream().mapToDouble(v -> v).sum()).isCloseTo(1, within(EXACT));
    assertThat(expected.values().stream().mapToDouble(v -> v).sum()).isCloseTo(1, within(EXACT));
  }

  /** One value begins another, two begin alike, and a character has several bytes. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "[\"yes\", \"yes!\", \"no\"]",
        "[\"ab\", \"abc\", \"abd\"]",
        "[\"né\", \"nè\", \"x\"]"
      })
  void ofChoicesAreSumsOverAllTokenPaths(String choices) throws Exception {
    String form = "{\"choice\": " + choices + "}";
    GenerationResult result = generate(form, List.of(), 0, 3);
    List<String> texts = List.of(JSON.readValue(choices, String[].class));
    int[] all = context(result, form, 3);
    Enumeration expected =
        new Enumeration(
            texts, read -> read.endsWith("$") ? read.substring(0, read.length() - 1) : null);
    expected.walk(Arrays.copyOf(all, answerBegins(all)), new byte[0], 1);
    assertEqual(result.formed().probabilities(), expected.sums);
    assertThat(result.formed().confidence())
        .isEqualTo(result.formed().probabilities().get(result.response()));
  }

  @Test
  void ofMembersAreThoseAfterWhatTheAnswerHasBefore() throws Exception {
    String form =
        "{\"json\": {\"properties\": {\"a\": {\"enum\": [\"x\", \"yy\"]}, \"n\": {\"type\":"
            + " \"integer\", \"minimum\": 1, \"maximum\": 3}}, \"required\": [\"a\", \"n\"]},"
            + " \"disable_any_whitespace\": true}";
    List<String> texts = new ArrayList<>();
    for (String a : List.of("x", "yy")) {
      for (int n = 1; n <= 3; n++) {
        texts.add("{\"a\":\"%s\",\"n\":%d}".formatted(a, n));
      }
    }
    for (int seed = 0; seed < 2; seed++) {
      GenerationResult result = generate(form, List.of("n"), 0, seed);
      assertThat(result.response()).isIn(texts);
      String before = result.response().substring(0, result.response().indexOf(":", 6) + 1);
      int[] all = context(result, form, seed);
      int from = answerBegins(all);
      byte[] read = new byte[0];
      byte[] next = Enumeration.concat(read, bytes(all[from]));
      while (next.length <= before.length()) {
        read = next;
        next = Enumeration.concat(read, bytes(all[++from]));
      }
      Enumeration expected =
          new Enumeration(
              texts,
              text -> {
                if (!before.startsWith(
                    text.substring(0, Math.min(text.length(), before.length())))) {
                  return "other";
                }
                return text.length() > before.length()
                    ? text.substring(before.length(), before.length() + 1)
                    : null;
              });
      expected.walk(Arrays.copyOf(all, from), read, 1);
      Map<String, Double> found = result.formed().probabilities();
      for (String n : List.of("1", "2", "3")) {
        assertThat(found.getOrDefault(n, 0.0))
            .isCloseTo(expected.sums.getOrDefault(n, 0.0), within(EXACT));
      }
      assertThat(found.get("")).isCloseTo(expected.sums.getOrDefault("other", 0.0), within(EXACT));
      assertThat(result.formed().confidence())
          .isEqualTo(found.get(result.response().substring(before.length()).substring(0, 1)));
    }
  }

  private static byte[] bytes(int token) {
    return Tokenizer.o200kHarmony().decodeToBytes(token);
  }

  /** Sums over many paths are rounded. */
  @Test
  void noneIsAboveOne() throws Exception {
    for (int seed = 0; seed < 12; seed++) {
      GenerationResult only = generate("{\"choice\": [\"yes, it was\"]}", List.of(), 0, seed);
      assertThat(only.formed().confidence()).isCloseTo(1, within(EXACT)).isLessThanOrEqualTo(1);
      assertThat(only.formed().probabilities().get("yes, it was"))
          .isEqualTo(only.formed().confidence());
    }
  }

  @Test
  void whatIsLeftOutIsAddedUp() throws Exception {
    String form = "{\"choice\": [\"yes\", \"yes!\", \"no\", \"not\"]}";
    Map<String, Double> all = generate(form, List.of(), 0, 1).formed().probabilities();
    GenerationResult cut = generate(form, List.of(), 0.02, 1);
    Map<String, Double> found = cut.formed().probabilities();
    assertThat(found.values().stream().mapToDouble(v -> v).sum()).isCloseTo(1, within(EXACT));
    found.forEach(
        (value, mass) -> {
          if (!value.isEmpty()) {
            assertThat(mass).isLessThanOrEqualTo(all.get(value) + EXACT);
          }
        });
    assertThat(cut.formed().confidence()).isEqualTo(found.get(cut.response()));
  }

  @Test
  void areTheSameWhateverElseIsComputed() throws Exception {
    String form = "{\"choice\": [\"billing\", \"technical\", \"other\", \"otherwise\"]}";
    List<GenerationRequest> requests = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      requests.add(request(form, ChoiceProbabilities.of(List.of(), 1e-3), i));
    }
    List<GenerationResult> together = engine.generate(requests);
    for (int i = 0; i < requests.size(); i += 5) {
      GenerationResult alone = engine.generate(List.of(requests.get(i))).get(0);
      assertThat(together.get(i).tokens()).isEqualTo(alone.tokens());
      assertThat(together.get(i).formed()).isEqualTo(alone.formed());
    }
  }

  /**
   * Memory for a few rows only, which rows and the places off their ways take from each other: so
   * hot that the reasoning ends at its bound.
   */
  @Test
  void areTheSameWhereMemoryIsScarce() throws Exception {
    String form = "{\"choice\": [\"billing\", \"technical\", \"other\", \"otherwise\"]}";
    List<GenerationRequest> requests = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      requests.add(request(form, ChoiceProbabilities.of(List.of(), 1e-4), i, 20, 70));
    }
    List<GenerationResult> expected = engine.generate(requests);
    EngineConfig scarce =
        EngineConfig.builder("demo")
            .maxModelLen(256)
            .blockSize(8)
            .kvCacheBytes(SCARCE_KV_BYTES)
            .build();
    try (GptOssEngine small = GptOssEngine.open(scarce)) {
      List<GenerationResult> found = small.generate(requests);
      assertThat(small.stats().preemptions()).isPositive();
      for (int i = 0; i < requests.size(); i++) {
        assertThat(found.get(i).tokens()).isEqualTo(expected.get(i).tokens());
        assertThat(found.get(i).formed()).isEqualTo(expected.get(i).formed());
      }
    }
  }

  @Test
  void tokensAreThoseOfRowsThatAskForNone() throws Exception {
    String form = "{\"choice\": [\"billing\", \"technical\", \"other\"]}";
    for (int seed = 0; seed < 4; seed++) {
      GenerationResult asked = generate(form, List.of(), 0, seed);
      GenerationResult other =
          engine.generate(List.of(request(form, ChoiceProbabilities.NONE, seed))).get(0);
      assertThat(asked.tokens()).isEqualTo(other.tokens());
      assertThat(other.formed().probabilities()).isNull();
      // Less by what is left out.
      assertThat(other.formed().confidence())
          .isLessThanOrEqualTo(asked.formed().confidence() + EXACT)
          .isCloseTo(asked.formed().confidence(), within(0.05));
    }
  }

  @Test
  void severalMembersAreToldApart() throws Exception {
    String form =
        "{\"json\": {\"properties\": {\"a\": {\"properties\": {\"b\": {\"type\": \"boolean\"}},"
            + " \"required\": [\"b\"]}, \"c\": {\"enum\": [\"p\", null]}, \"t\": {\"type\":"
            + " \"string\", \"maxLength\": 3}}, \"required\": [\"a\", \"c\"]}}";
    GenerationResult result = generate(form, List.of("a.b", "c"), 1e-3, 5);
    Map<String, Double> found = result.formed().probabilities();
    String b = "a.b=" + JSON.readTree(result.response()).path("a").path("b").asText();
    String c = "c=" + JSON.readTree(result.response()).get("c").asText();
    assertThat(found).containsKeys(b, c, "a.b=", "c=");
    assertThat(result.formed().confidence()).isEqualTo(found.get(b) * found.get(c));
    assertThat(found.values().stream().mapToDouble(v -> v).sum()).isCloseTo(2, within(EXACT));
  }

  @Test
  void valuesOfTheSameTextAreToldApart() throws Exception {
    GenerationResult mixed =
        generate("{\"json\": {\"enum\": [1, \"1\", null, \"null\"]}}", List.of(), 0, 1);
    Map<String, Double> found = mixed.formed().probabilities();
    assertThat(found).containsOnlyKeys("1", "null", "");
    String text = mixed.response().replace("\"", "");
    assertThat(mixed.formed().confidence()).isPositive().isLessThan(found.get(text));
    assertThat(found.values().stream().mapToDouble(v -> v).sum()).isCloseTo(1, within(EXACT));
  }

  /** White space may come before the value wherever JSON allows it. */
  @Test
  void otherSpaceBeforeAMemberIsLeftOut() throws Exception {
    String form =
        "{\"json\": {\"properties\": {\"a\": {\"enum\": [\"p q\", \"r\"]}}, \"required\":"
            + " [\"a\"]}}";
    for (int seed = 0; seed < 4; seed++) {
      GenerationResult result = generate(form, List.of("a"), 1e-6, seed);
      assertThat(result.error()).isNull();
      assertThat(result.formed().probabilities().keySet()).isSubsetOf("p q", "r", "");
    }
  }

  @Test
  void numbersAreNamedAsTheyAreWritten() throws Exception {
    GenerationResult result = generate("{\"json\": {\"enum\": [1e-7, 1e2]}}", List.of(), 1e-3, 1);
    assertThat(result.formed().probabilities()).containsOnlyKeys("0.0000001", "100", "");
  }

  @Test
  void aMemberThatIsNamedTwiceCountsOnce() throws Exception {
    String form =
        "{\"json\": {\"properties\": {\"a\": {\"enum\": [\"p\", \"q\"]}}, \"required\":"
            + " [\"a\"]}}";
    GenerationResult once = generate(form, List.of("a"), 1e-6, 1);
    assertThat(once.formed().confidence()).isLessThan(1);
    assertThat(generate(form, List.of("a", "a"), 1e-6, 1).formed()).isEqualTo(once.formed());
  }

  @Test
  void rowsWithoutAFiniteSetHaveNone() throws Exception {
    String form = "{\"json\": {\"type\": \"string\", \"maxLength\": 4}}";
    GenerationResult result =
        engine.generate(List.of(request(form, ChoiceProbabilities.NONE, 1))).get(0);
    assertThat(result.formed().confidence()).isNull();
    GenerationResult asked = generate(form, List.of(), 0, 1);
    assertThat(asked.formed().confidence()).isNull();
    assertThat(asked.formed().probabilities()).isNull();
    for (List<String> paths : List.of(List.of("a"), List.of("a.b"), List.of("b"))) {
      TurnSpec turn =
          new TurnSpec(
                  form("{\"json\": {\"properties\": {\"a\": {\"type\": \"string\"}}}}"), List.of())
              .with(ChoiceProbabilities.of(paths, 0));
      assertThatExceptionOfType(ConstraintException.class)
          .isThrownBy(() -> ConstraintProbe.check(turn))
          .withMessageContaining("choice_probabilities");
    }
  }
}
