package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptoss.engine.error.InvalidModelException;
import io.github.gptoss.engine.lora.RandomAdapter;
import io.github.gptoss.engine.sampling.SamplingParams;
import java.io.IOException;
import java.nio.IntBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A row with an adapter gets what it gets alone, among rows of other adapters and of none. */
class LoraInvarianceTest {
  private static final Path MODEL = Path.of("src/test/resources/goldens/model/odd-mxfp4-sharded");
  private static final int ROWS = 160;

  @TempDir private static Path folder;
  private static Map<String, String> adapters;

  /** Ranks on both sides of the sizes at which A is packed otherwise, and all types. */
  @BeforeAll
  static void writeAdapters() throws IOException {
    adapters = new TreeMap<>();
    add("attention", new RandomAdapter(MODEL, 3, 6, 1).attention());
    add("experts", new RandomAdapter(MODEL, 8, 16, 2).experts(0, 1, 2));
    add("all", new RandomAdapter(MODEL, 16, 16, 3).attention().experts(0, 1, 2).dtype("BF16"));
    add("wide", new RandomAdapter(MODEL, 17, 20, 4).attention().experts(1).dtype("F16"));
    add("widest", new RandomAdapter(MODEL, 40, 20, 5).attention().experts(0, 2));
  }

  private static void add(String name, RandomAdapter adapter) throws IOException {
    adapters.put(name, adapter.write(folder.resolve(name)).toString());
  }

  private static List<GenerationRequest> requests() {
    Random random = new Random(12);
    List<String> names = new ArrayList<>(adapters.keySet());
    int[] shared = random.ints(70, 3, 333).toArray();
    List<GenerationRequest> requests = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      IntStream own = random.ints(1 + random.nextInt(20), 3, 333);
      int[] prompt = IntStream.concat(IntStream.of(shared), own).toArray();
      int choice = random.nextInt(names.size() + 1);
      requests.add(
          GenerationRequest.raw(IntBuffer.wrap(prompt))
              .lora(choice == 0 ? null : names.get(choice - 1))
              .sampling(SamplingParams.builder().temperature(i % 2).seed(i).build())
              .ignoreEos(true)
              .maxTokens(1 + random.nextInt(16))
              .build());
    }
    return requests;
  }

  @Test
  void rowsAreTheSameAloneAndMixed() throws Exception {
    List<GenerationRequest> requests = requests();
    List<int[]> expected = generate(c -> c, requests);
    try (GptOssEngine engine = open(c -> c.threads(1))) {
      for (int i = 0; i < ROWS; i += 7) {
        assertThat(engine.generate(requests.subList(i, i + 1)).get(0).tokens())
            .as("row %d of %s alone", i, requests.get(i).lora())
            .isEqualTo(expected.get(i));
      }
    }
    assertEqual(expected, generate(c -> c.enablePrefixCaching(false), requests), "unshared");
    assertEqual(
        expected,
        generate(c -> c.threads(1).maxNumSeqs(7).maxNumBatchedTokens(33), requests),
        "in small steps");
    try (GptOssEngine engine = open(c -> c.maxModelLen(256).blockSize(8).kvCacheBytes(1_250_000))) {
      List<int[]> scarce = engine.generate(requests).stream().map(r -> r.tokens()).toList();
      assertEqual(expected, scarce, "with preemption");
      assertThat(engine.stats().preemptions()).isPositive();
    }
  }

  /** Logits say more than tokens: all bits of them, of rows that have the same tokens. */
  @Test
  void logitsAreTheSameBitsAloneAndMixed() {
    int[] tokens = new Random(5).ints(50, 3, 333).toArray();
    List<ModelProbe.Prompt> prompts = new ArrayList<>();
    prompts.add(ModelProbe.Prompt.of(tokens));
    adapters.keySet().forEach(name -> prompts.add(new ModelProbe.Prompt(tokens, name)));
    try (ModelProbe probe = ModelProbe.open(config(c -> c))) {
      float[][][] mixed = logits(probe, prompts);
      Set<List<Float>> different = new HashSet<>();
      for (int i = 0; i < prompts.size(); i++) {
        assertThat(logits(probe, List.of(prompts.get(i)))[0]).isDeepEqualTo(mixed[i]);
        different.add(List.of(mixed[i][49][0], mixed[i][49][1]));
      }
      assertThat(different).as("results of the model and its adapters").hasSize(prompts.size());
    }
  }

  /** By prompt, position and token. */
  private static float[][][] logits(ModelProbe probe, List<ModelProbe.Prompt> prompts) {
    float[][][] rows = new float[prompts.size()][50][];
    probe.logits(prompts, 0, (p, layer, position, row) -> rows[p][position] = row.clone());
    return rows;
  }

  /** Of an engine that has no adapters at all. */
  @Test
  void rowsWithoutAnAdapterAreThoseOfTheModelAlone() throws Exception {
    List<GenerationRequest> requests = requests();
    List<int[]> mixed = generate(c -> c, requests);
    try (GptOssEngine engine = open(c -> c.loraAdapters(Map.of()))) {
      for (int i = 0; i < ROWS; i++) {
        if (requests.get(i).lora() == null) {
          assertThat(engine.generate(requests.subList(i, i + 1)).get(0).tokens())
              .isEqualTo(mixed.get(i));
        }
      }
    }
  }

  @Test
  void sharesPrefixesWithinAnAdapterOnly() throws Exception {
    int[] prompt = new Random(6).ints(100, 3, 333).toArray();
    try (GptOssEngine engine = open(c -> c)) {
      for (String lora : new String[] {null, "all", "wide"}) {
        GenerationRequest request =
            GenerationRequest.raw(IntBuffer.wrap(prompt)).lora(lora).maxTokens(1).build();
        assertThat(engine.generate(List.of(request)).get(0).usage().cachedTokens()).isZero();
        assertThat(engine.generate(List.of(request)).get(0).usage().cachedTokens()).isEqualTo(96);
      }
    }
  }

  @Test
  void anUnknownNameIsAnErrorOfItsRow() throws Exception {
    IntBuffer prompt = IntBuffer.wrap(new int[] {5, 6});
    try (GptOssEngine engine = open(c -> c)) {
      List<GenerationResult> results =
          engine.generate(
              List.of(
                  GenerationRequest.raw(prompt).lora("expert").maxTokens(2).build(),
                  GenerationRequest.raw(prompt).lora("experts").maxTokens(2).build()));
      assertThat(results.get(0).error().code()).isEqualTo("invalid_parameter");
      assertThat(results.get(0).error().message())
          .contains("'expert'", "did you mean 'experts'?", "attention");
      assertThat(results.get(1).error()).isNull();
      assertThat(engine.info().adapters()).containsOnlyKeys(adapters.keySet());
      assertThat(engine.info().adapters().get("all")).matches("[0-9a-f]{64}");
    }
  }

  @Test
  void refusesAnAdapterOfAnotherModelBeforeItLoadsOne() {
    assertThatThrownBy(
            () ->
                GptOssEngine.open(
                    EngineConfig.builder("demo")
                        .loraAdapters(Map.of("all", adapters.get("all")))
                        .build()))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("lora_A.weight' has shape");
    assertThatThrownBy(
            () ->
                ModelProbe.verify(
                    EngineConfig.builder("demo").loraAdapters(Map.of("x", "demo")).build()))
        .hasMessageContaining("this is a whole model");
  }

  private static void assertEqual(List<int[]> expected, List<int[]> actual, String how) {
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i)).as("row %d %s", i, how).isEqualTo(expected.get(i));
    }
  }

  private static EngineConfig config(UnaryOperator<EngineConfig.Builder> with) {
    return with.apply(
            EngineConfig.builder(MODEL.toString()).maxModelLen(1024).loraAdapters(adapters))
        .build();
  }

  private static GptOssEngine open(UnaryOperator<EngineConfig.Builder> with) {
    return GptOssEngine.open(config(with));
  }

  private static List<int[]> generate(
      UnaryOperator<EngineConfig.Builder> with, List<GenerationRequest> requests)
      throws InterruptedException {
    try (GptOssEngine engine = open(with)) {
      return engine.generate(requests).stream().map(GenerationResult::tokens).toList();
    }
  }
}
