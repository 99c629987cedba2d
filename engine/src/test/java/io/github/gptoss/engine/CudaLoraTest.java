package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptoss.engine.backend.cuda.emulator.EmulatedMachine;
import io.github.gptoss.engine.backend.cuda.emulator.EmulatedMachine.Order;
import io.github.gptoss.engine.backend.cuda.emulator.GpuTests;
import io.github.gptoss.engine.error.InvalidConfigException;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * On the CUDA backend, too, a row with an adapter gets what it gets alone, among rows of other
 * adapters and of none. {@link CudaGoldenModelTest} compares with PEFT.
 */
class CudaLoraTest {
  private static final Path MODEL = Path.of("src/test/resources/goldens/model/odd-mxfp4-sharded");
  private static final int ROWS = 48;
  private static final int ROWS_ALONE = 6;
  private static final int TOKENS = 50;

  /** Keys and values of a few rows. */
  private static final int SCARCE_BYTES = 700_000;

  @TempDir private static Path folder;
  private static Map<String, String> adapters;

  /** Ranks on both sides of a tile's 16, matrices that some leave alone, and all types. */
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

  /** As {@link CudaBatchInvarianceTest} has it: queued work runs as late as it may. */
  private static EmulatedMachine machine() {
    return EmulatedMachine.fast().devices(128).processors(1).deferred();
  }

  private static List<GenerationRequest> requests() {
    Random random = new Random(12);
    List<String> names = new ArrayList<>(adapters.keySet());
    int[] shared = random.ints(50, 3, 333).toArray();
    List<GenerationRequest> requests = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      IntStream own = random.ints(1 + random.nextInt(20), 3, 333);
      int[] prompt =
          i % 3 == 0 ? own.toArray() : IntStream.concat(IntStream.of(shared), own).toArray();
      int choice = i % (names.size() + 1);
      requests.add(
          GenerationRequest.raw(IntBuffer.wrap(prompt))
              .lora(choice == 0 ? null : names.get(choice - 1))
              .sampling(SamplingParams.builder().temperature(i % 2).seed(i).build())
              .ignoreEos(true)
              .maxTokens(1 + random.nextInt(12))
              .build());
    }
    return requests;
  }

  @Test
  void rowsAreTheSameAloneAndMixed() throws Exception {
    GpuTests.start(machine());
    List<GenerationRequest> requests = requests();
    List<int[]> expected = generate(c -> c, requests);
    try (GptOssEngine engine = open(c -> c)) {
      for (int i = 0; i < ROWS; i += ROWS / ROWS_ALONE - 1) {
        assertThat(engine.generate(requests.subList(i, i + 1)).get(0).tokens())
            .as("row %d of %s alone", i, requests.get(i).lora())
            .isEqualTo(expected.get(i));
      }
    }
    assertSame(expected, generate(c -> c.enablePrefixCaching(false), requests), "unshared");
    assertSame(
        expected,
        generate(c -> c.maxNumSeqs(7).maxNumBatchedTokens(33), requests),
        "in small steps");
    if (!GpuTests.onRealGpu()) {
      EmulatedMachine.fast().devices(48, 40).order(Order.RANDOM, 3).deferred().start();
      assertSame(expected, generate(c -> c.pipelineParallelSize(2), requests), "on two devices");
      machine().computeCapability(80).start();
      assertSame(expected, generate(c -> c, requests), "without bulk copies");
    }
  }

  /** Rows without an adapter are those of an engine that has none. */
  @Test
  void logitsAreTheSameBitsAloneAndMixed() {
    GpuTests.start(machine());
    List<ModelProbe.Prompt> prompts = prompts();
    float[][][] mixed;
    try (ModelProbe probe = ModelProbe.open(config(c -> c))) {
      mixed = logits(probe, prompts);
      Set<List<Float>> different = new HashSet<>();
      for (int i = 0; i < prompts.size(); i++) {
        assertThat(logits(probe, List.of(prompts.get(i)))[0])
            .as("prompt of %s", prompts.get(i).lora())
            .isDeepEqualTo(mixed[i]);
        different.add(List.of(mixed[i][TOKENS - 1][0], mixed[i][TOKENS - 1][1]));
      }
      assertThat(different).as("results of the model and its adapters").hasSize(prompts.size());
    }
    GpuTests.start(machine());
    try (ModelProbe probe = ModelProbe.open(config(c -> c.loraAdapters(Map.of())))) {
      assertThat(logits(probe, prompts.subList(0, 1))[0]).isDeepEqualTo(mixed[0]);
    }
  }

  /** In one step, with every check on, in an order of its own each. */
  @ParameterizedTest
  @EnumSource(Order.class)
  void checkedKernelsFindNothingInAnyOrder(Order order) {
    GpuTests.requireEmulator();
    machine().start();
    List<ModelProbe.Prompt> prompts = prompts();
    float[][][] fast = probe(prompts);
    EmulatedMachine.checked().devices(64).order(order, 4).deferred().start();
    assertThat(probe(prompts)).isDeepEqualTo(fast);
  }

  private static float[][][] probe(List<ModelProbe.Prompt> prompts) {
    try (ModelProbe probe = ModelProbe.open(config(c -> c))) {
      return logits(probe, prompts);
    }
  }

  /** The same tokens of the model alone and of each adapter. */
  private static List<ModelProbe.Prompt> prompts() {
    int[] tokens = new Random(5).ints(TOKENS, 3, 333).toArray();
    List<ModelProbe.Prompt> prompts = new ArrayList<>();
    prompts.add(ModelProbe.Prompt.of(tokens));
    adapters.keySet().forEach(name -> prompts.add(new ModelProbe.Prompt(tokens, name)));
    return prompts;
  }

  /** By prompt, position and token. */
  private static float[][][] logits(ModelProbe probe, List<ModelProbe.Prompt> prompts) {
    float[][][] rows = new float[prompts.size()][TOKENS][];
    probe.logits(prompts, 0, (p, layer, position, row) -> rows[p][position] = row.clone());
    return rows;
  }

  @Test
  void preemptedRowsAreTheSame() throws Exception {
    GpuTests.start(machine());
    Random random = new Random(13);
    List<String> names = new ArrayList<>(adapters.keySet());
    List<GenerationRequest> requests = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      int choice = i % (names.size() + 1);
      requests.add(
          GenerationRequest.raw(IntBuffer.wrap(random.ints(4, 3, 333).toArray()))
              .lora(choice == 0 ? null : names.get(choice - 1))
              .sampling(SamplingParams.builder().temperature(i % 2).seed(i).build())
              .ignoreEos(true)
              .maxTokens(60)
              .build());
    }
    List<int[]> expected = generate(c -> c, requests);
    // Memory for a few whole rows only: the youngest lose theirs again and again.
    try (GptOssEngine engine =
        open(c -> c.maxModelLen(256).blockSize(8).kvCacheBytes(SCARCE_BYTES))) {
      List<int[]> scarce = engine.generate(requests).stream().map(r -> r.tokens()).toList();
      assertSame(expected, scarce, "with preemption");
      assertThat(engine.stats().preemptions()).as("preemptions").isPositive();
    }
  }

  /** With alpha / sqrt(r): the same bits as an adapter whose alpha / r is that number. */
  @Test
  void rankStabilizedAdaptersAreScaledByTheRoot() throws IOException {
    GpuTests.start(machine());
    Map<String, String> alike = new TreeMap<>();
    for (String name : new String[] {"stabilized", "plain", "weaker"}) {
      double alpha = name.equals("plain") ? 32 : 8;
      RandomAdapter adapter = new RandomAdapter(MODEL, 16, alpha, 7).attention().experts(0, 1, 2);
      adapter.config().put("use_rslora", name.equals("stabilized"));
      alike.put(name, adapter.write(folder.resolve(name)).toString());
    }
    int[] tokens = new Random(8).ints(TOKENS, 3, 333).toArray();
    List<ModelProbe.Prompt> prompts =
        Stream.of("stabilized", "plain", "weaker")
            .map(name -> new ModelProbe.Prompt(tokens, name))
            .toList();
    try (ModelProbe probe = ModelProbe.open(config(c -> c.loraAdapters(alike)))) {
      float[][][] rows = logits(probe, prompts);
      assertThat(rows[0]).isDeepEqualTo(rows[1]);
      assertThat(rows[0][TOKENS - 1]).isNotEqualTo(rows[2][TOKENS - 1]);
    }
  }

  @Test
  void sharesPrefixesWithinAnAdapterOnly() throws Exception {
    GpuTests.start(machine());
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
  void adaptersThatTheDeviceCannotHoldAreOneErrorBeforeAnyWork() throws IOException {
    GpuTests.requireEmulator();
    EmulatedMachine.fast().devices(16).start();
    Map<String, String> large = new TreeMap<>();
    for (int i = 0; i < 3; i++) {
      RandomAdapter adapter = new RandomAdapter(MODEL, 600, 1, i).attention().experts(0, 1, 2);
      large.put("large" + i, adapter.dtype("BF16").write(folder.resolve("large" + i)).toString());
    }
    assertThatThrownBy(() -> GptOssEngine.open(config(c -> c.loraAdapters(large))))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("the model does not fit: device 0 of this engine has 16777216 bytes")
        .hasMessageContaining(", of which adapters ")
        .hasMessageContaining("name fewer in lora_adapters");
  }

  @Test
  void refusesAnAdapterWithAValueThatIsNotFinite() throws IOException {
    GpuTests.start(machine());
    Path broken =
        new RandomAdapter(MODEL, 4, 4, 1)
            .attention()
            .size(Double.POSITIVE_INFINITY)
            .write(folder.resolve("broken"));
    assertThatThrownBy(
            () -> GptOssEngine.open(config(c -> c.loraAdapters(Map.of("x", broken.toString())))))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("has a value that is not finite");
  }

  private static void assertSame(List<int[]> expected, List<int[]> actual, String how) {
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i)).as("row %d %s", i, how).isEqualTo(expected.get(i));
    }
  }

  private static EngineConfig config(UnaryOperator<EngineConfig.Builder> with) {
    return with.apply(
            EngineConfig.builder(MODEL.toString())
                .backend("cuda")
                .kvCacheBytes(8 << 20)
                .maxModelLen(512)
                .maxNumBatchedTokens(512)
                .loraAdapters(adapters))
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
