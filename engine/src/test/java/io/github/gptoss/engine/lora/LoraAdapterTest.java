package io.github.gptoss.engine.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.engine.error.InvalidModelException;
import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.weights.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoraAdapterTest {
  private static final Path MODEL = Path.of("src/test/resources/goldens/model/odd-mxfp4-sharded");
  private static final String LAYER = "base_model.model.model.layers.1.";
  private static ModelConfig config;

  @TempDir private Path folder;

  @BeforeAll
  static void readModel() {
    try (Checkpoint checkpoint = Checkpoint.open(MODEL)) {
      config = checkpoint.config();
    }
  }

  private LoraAdapter open(RandomAdapter adapter) throws IOException {
    return LoraAdapter.open(adapter.write(folder.resolve("adapter")), config);
  }

  private static RandomAdapter adapter() throws IOException {
    return new RandomAdapter(MODEL, 4, 8, 1).attention().experts(0, 1);
  }

  private void assertRefused(Consumer<RandomAdapter> change, String... messages)
      throws IOException {
    RandomAdapter changed = adapter();
    change.accept(changed);
    assertThatThrownBy(() -> open(changed))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContainingAll(messages)
        .hasMessageNotContaining("\n");
  }

  @Test
  void readsWhatIsChangedLayerByLayer() throws IOException {
    try (LoraAdapter adapter = open(adapter())) {
      assertThat(adapter.layer(0).keySet()).containsExactly(Target.values());
      assertThat(adapter.layer(2).keySet()).containsExactly(Target.Q, Target.K, Target.V, Target.O);
      LowRank down = adapter.layer(1).get(Target.DOWN);
      assertThat(down.rank()).isEqualTo(4);
      assertThat(down.scale()).isEqualTo(2f);
      assertThat(down.inputs()).isEqualTo(config.intermediateSize());
      assertThat(down.a().name()).isEqualTo(LAYER + "mlp.experts.lora_A.weight");
      assertThat(adapter.layer(1).get(Target.GATE_UP).outputs())
          .isEqualTo(2 * config.intermediateSize());
    }
  }

  /** The first pattern that matches wins; a name matches from a dot to its end. */
  @Test
  void ranksAndAlphasFollowTheirPatterns() throws IOException {
    RandomAdapter adapter = adapter();
    adapter
        .config()
        .putObject("rank_pattern")
        .put("layers.1.self_attn.q_proj", 2)
        .put(".*q_proj", 3)
        .put("proj", 9)
        .put("experts.down_proj", 6);
    adapter.config().putObject("alpha_pattern").put("k_proj|v_proj", 20).put("^q_proj", 7);
    adapter
        .shapes()
        .forEach(
            (name, shape) -> {
              int rank =
                  name.contains("layers.1.self_attn.q_proj")
                      ? 2
                      : name.contains("q_proj") ? 3 : name.contains("mlp.experts.lora") ? 6 : 4;
              int ranked = name.contains("lora_A") ? 0 : 1;
              shape[ranked] = shape[ranked] / 4 * rank;
            });
    try (LoraAdapter opened = open(adapter)) {
      assertThat(opened.layer(1).get(Target.Q).rank()).isEqualTo(2);
      assertThat(opened.layer(0).get(Target.Q).rank()).isEqualTo(3);
      assertThat(opened.layer(0).get(Target.Q).scale()).isEqualTo((float) (8.0 / 3));
      assertThat(opened.layer(0).get(Target.K).scale()).isEqualTo(5f);
      assertThat(opened.layer(0).get(Target.O).scale()).isEqualTo(2f);
      assertThat(opened.layer(0).get(Target.DOWN).rank()).isEqualTo(6);
      assertThat(opened.maxRank()).isEqualTo(6);
    }
  }

  @Test
  void rankStabilizedScalesByTheRoot() throws IOException {
    RandomAdapter adapter = adapter();
    adapter.config().put("use_rslora", true);
    try (LoraAdapter opened = open(adapter)) {
      assertThat(opened.layer(0).get(Target.O).scale()).isEqualTo(4f);
    }
  }

  /** Only one of the experts' matrices: PEFT then wraps once, and sizes tell which. */
  @Test
  void oneMatrixOfTheExpertsIsToldByItsSizes() throws IOException {
    RandomAdapter adapter = new RandomAdapter(MODEL, 4, 8, 1).experts(1);
    adapter.shapes().keySet().removeIf(name -> name.contains("base_layer"));
    adapter.config().putArray("target_parameters").add("experts.*down_proj");
    try (LoraAdapter opened = open(adapter)) {
      assertThat(opened.layer(1).keySet()).containsExactly(Target.DOWN);
    }
    int experts = config.experts();
    adapter.shapes().put(LAYER + "mlp.experts.lora_A.weight", new int[] {4 * experts, 96});
    adapter.shapes().put(LAYER + "mlp.experts.lora_B.weight", new int[] {320, 4 * experts});
    try (LoraAdapter opened = open(adapter)) {
      assertThat(opened.layer(1).keySet()).containsExactly(Target.GATE_UP);
    }
  }

  /**
   * PEFT compares target_modules with modules, of which gpt-oss has the attention's four: names of
   * other models' modules are passed over, and are not those of the experts' parameters.
   */
  @Test
  void targetModulesAreNotTheExpertsParameters() throws IOException {
    RandomAdapter adapter = new RandomAdapter(MODEL, 4, 8, 1).attention();
    adapter.config().withArray("target_modules").add("gate_proj").add("up_proj").add("down_proj");
    adapter.config().withArray("target_modules").add("gate_up_proj");
    try (LoraAdapter opened = open(adapter)) {
      assertThat(opened.layer(0).keySet()).containsExactly(Target.Q, Target.K, Target.V, Target.O);
    }
  }

  /** Parameters are required by target_parameters, and modules by target_modules, alone. */
  @Test
  void targetParametersAreNotModules() throws IOException {
    RandomAdapter adapter = new RandomAdapter(MODEL, 4, 8, 1).experts(0, 1);
    adapter.config().withArray("target_parameters").add("q_proj");
    try (LoraAdapter opened = open(adapter)) {
      assertThat(opened.layer(1).keySet()).containsExactly(Target.GATE_UP, Target.DOWN);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "peft_type | \"IA3\"",
        "bias | \"all\"",
        "use_dora | true",
        "use_qalora | true",
        "lora_bias | true",
        "use_some_variant_to_come | true",
        "velora_config | {\"x\": 1}",
        "modules_to_save | [\"lm_head\"]",
        "layer_replication | [[0, 2]]",
        "trainable_token_indices | [1]",
        "alora_invocation_tokens | [1]",
        "init_lora_weights | \"pissa_niter_4\"",
        "init_lora_weights | \"olora\"",
        "init_lora_weights | \"OLoRA\"",
        "init_lora_weights | \"PiSSA\"",
      })
  void refusesWhatIsNotComputedAndSaysWhatIs(String key, String value) throws IOException {
    var json = new ObjectMapper().readTree(value);
    assertRefused(
        adapter -> adapter.config().set(key, json),
        "'" + key + "' is",
        "Supported are LoRA adapters of any rank",
        "DoRA",
        "modules_to_save");
  }

  @Test
  void tellsAllThatIsNotSupportedAtOnce() throws IOException {
    assertRefused(
        adapter -> adapter.config().put("use_dora", true).put("bias", "lora_only"),
        "'use_dora' is true",
        "'bias' is 'lora_only'");
  }

  @Test
  void takesWhatChangesNothing() throws IOException {
    RandomAdapter adapter = adapter();
    adapter.config().put("use_dora", false).put("lora_dropout", 0.1).put("inference_mode", true);
    adapter.config().putNull("modules_to_save").put("init_lora_weights", "gaussian");
    adapter.config().putObject("eva_config").put("rho", 2.0);
    open(adapter).close();
  }

  @Test
  void refusesTensorsOfOtherModules() throws IOException {
    assertRefused(
        adapter -> adapter.shapes().put(LAYER + "mlp.router.lora_A.weight", new int[] {4, 96}),
        "mlp.router.lora_A.weight'",
        "Supported are");
    assertRefused(
        adapter ->
            adapter
                .shapes()
                .put("base_model.model.model.embed_tokens.lora_embedding_A", new int[] {4, 9}),
        "embed_tokens");
    assertRefused(
        adapter ->
            adapter
                .shapes()
                .put(
                    "base_model.model.model.layers.3.self_attn.q_proj.lora_A.weight",
                    new int[] {4, 96}),
        "is of layer 3",
        "layers 0 to 2");
  }

  @Test
  void refusesRanksAndShapesThatDisagree() throws IOException {
    assertRefused(
        adapter -> adapter.config().put("r", 8), "has shape [20, 160]", "[40, 160]", "rank 8");
    assertRefused(
        adapter ->
            adapter.shapes().put(LAYER + "self_attn.o_proj.lora_B.weight", new int[] {95, 4}),
        "o_proj.lora_B.weight' has shape [95, 4]",
        "[hidden, r]");
    assertRefused(
        adapter ->
            adapter.shapes().put(LAYER + "mlp.experts.lora_A.weight", new int[] {4 * 4, 160}),
        "has shape [16, 160]",
        "[r*experts, intermediate]");
  }

  @Test
  void refusesWhatLacksAHalfOrATarget() throws IOException {
    assertRefused(
        adapter -> adapter.shapes().remove(LAYER + "self_attn.q_proj.lora_B.weight"),
        "q_proj.lora_B.weight' is missing");
    assertRefused(
        adapter ->
            adapter.shapes().keySet().removeIf(name -> name.startsWith(LAYER + "self_attn.v")),
        "layers.1.self_attn.v_proj.lora_A' is missing");
    assertRefused(
        adapter -> adapter.shapes().keySet().removeIf(name -> name.startsWith(LAYER + "mlp")),
        "layers.1.mlp.experts.gate_up_proj.lora_A' is missing");
  }

  @Test
  void refusesSettingsThatAreNone() throws IOException {
    assertRefused(adapter -> adapter.config().put("r", 0), "'r' is 0", "an integer above 0");
    assertRefused(adapter -> adapter.config().put("r", "4"), "'r' is '4'");
    assertRefused(adapter -> adapter.config().putNull("lora_alpha"), "'lora_alpha' is null");
    assertRefused(
        adapter -> adapter.config().putObject("rank_pattern").put("q_proj", 2.5), "rank_pattern");
    assertRefused(
        adapter -> adapter.config().putObject("alpha_pattern").put("(", 2), "regular expressions");
  }

  @Test
  void refusesFoldersThatHoldNoAdapter() throws IOException {
    assertThatThrownBy(() -> LoraAdapter.open(folder.resolve("none"), config))
        .hasMessageContaining("no such folder");
    assertThatThrownBy(() -> LoraAdapter.open(MODEL, config))
        .hasMessageContaining("this is a whole model");
    Path adapter = adapter().write(folder.resolve("pickled"));
    Files.move(adapter.resolve("adapter_model.safetensors"), adapter.resolve("adapter_model.bin"));
    assertThatThrownBy(() -> LoraAdapter.open(adapter, config))
        .hasMessageContaining("PyTorch's format");
  }

  @Test
  void fingerprintsTellContentsApartAndNotPlaces() throws IOException {
    Path one = adapter().write(folder.resolve("one"));
    Path copy = adapter().write(folder.resolve("copy"));
    Path other =
        new RandomAdapter(MODEL, 4, 8, 2).attention().experts(0, 1).write(folder.resolve("other"));
    Path scaled =
        new RandomAdapter(MODEL, 4, 9, 1).attention().experts(0, 1).write(folder.resolve("scaled"));
    String fingerprint = LoraAdapter.fingerprint(one);
    assertThat(fingerprint).matches("[0-9a-f]{64}").isEqualTo(LoraAdapter.fingerprint(copy));
    assertThat(LoraAdapter.fingerprint(other)).isNotEqualTo(fingerprint);
    assertThat(LoraAdapter.fingerprint(scaled)).isNotEqualTo(fingerprint);
  }
}
