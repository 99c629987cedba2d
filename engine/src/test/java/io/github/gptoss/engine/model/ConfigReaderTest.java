package io.github.gptoss.engine.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is accepted; what is refused is in the tests of damaged checkpoints. */
class ConfigReaderTest {
  private static final Path FILE = Path.of("m", "config.json");
  private static final Path GENERATION = Path.of("m", "generation_config.json");

  @Test
  void takesTheDefaultsOfTransformers() {
    ParsedConfig parsed = read("{\"model_type\": \"gpt_oss\"}");

    assertThat(parsed.model())
        .isEqualTo(
            new ModelConfig(
                201_088,
                2_880,
                2_880,
                36,
                64,
                8,
                64,
                128,
                4,
                128,
                IntStream.range(0, 36)
                    .mapToObj(i -> i % 2 == 0 ? AttentionKind.WINDOW : AttentionKind.FULL)
                    .toList(),
                150_000f,
                new RopeScaling(32f, 32f, 1f, 4_096, false),
                1e-5f,
                7f,
                131_072,
                List.of(),
                -1));
    assertThat(parsed.openAi()).isFalse();
    assertThat(parsed.mxfp4()).isFalse();
    // transformers 5 does not write swiglu_limit.
    assertThat(parsed.warnings())
        .singleElement()
        .asString()
        .contains("hidden_size", "rope_theta")
        .doesNotContain("swiglu");
  }

  @Test
  void takesTheDefaultsOfOpenAi() {
    ParsedConfig parsed = read("{\"num_experts\": 32}");
    assertThat(parsed.openAi()).isTrue();
    assertThat(parsed.mxfp4()).isTrue();
    assertThat(parsed.model().experts()).isEqualTo(32);
    assertThat(parsed.model().maxPositions()).isEqualTo(131_072);
    assertThat(parsed.model().rope()).isEqualTo(new RopeScaling(32f, 32f, 1f, 4_096, false));
  }

  @Test
  void readsRopeParametersOfTransformers5() {
    ModelConfig model =
        read("""
            {"model_type": "gpt_oss", "rope_parameters": {"rope_theta": 10000.0, "rope_type": "yarn",
             "factor": 4.0, "beta_fast": 16, "beta_slow": 2, "truncate": false,
             "original_max_position_embeddings": 1024}, "max_position_embeddings": 4096}
            """)
            .model();
    assertThat(model.ropeTheta()).isEqualTo(10_000f);
    assertThat(model.rope()).isEqualTo(new RopeScaling(4f, 16f, 2f, 1_024, false));
  }

  @Test
  void takesTheDefaultsOfYarnWhereRopeScalingSaysLittle() {
    RopeScaling rope =
        read("""
            {"model_type": "gpt_oss", "max_position_embeddings": 8192,
             "rope_scaling": {"type": "yarn", "factor": 2}}
            """)
            .model()
            .rope();
    assertThat(rope).isEqualTo(new RopeScaling(2f, 32f, 1f, 8_192, true));
  }

  @Test
  void unitesEndOfTextIdsOfBothFiles() {
    ParsedConfig parsed =
        ConfigReader.read(
            FILE,
            "{\"model_type\": \"gpt_oss\", \"eos_token_id\": [5, 2], \"pad_token_id\": 7}"
                .getBytes(UTF_8),
            GENERATION,
            Optional.of("{\"eos_token_id\": 3, \"temperature\": 1.0}".getBytes(UTF_8)));
    assertThat(parsed.model().eosTokenIds()).containsExactly(2, 3, 5);
    assertThat(parsed.model().padTokenId()).isEqualTo(7);
  }

  @Test
  void acceptsEitherNameOfACount() {
    assertThat(
            read("{\"model_type\": \"gpt_oss\", \"experts_per_token\": 2, \"num_experts\": 6}")
                .model())
        .matches(model -> model.expertsPerToken() == 2 && model.experts() == 6);
  }

  @Test
  void acceptsNullWhereTransformersDoes() {
    ModelConfig model =
        read("""
            {"model_type": "gpt_oss", "layer_types": null, "pad_token_id": null,
             "eos_token_id": null, "rope_scaling": null, "num_key_value_heads": null,
             "quantization_config": null}
            """)
            .model();
    assertThat(model.kvHeads()).isEqualTo(64);
    assertThat(model.eosTokenIds()).isEmpty();
  }

  @Test
  void needsNoWindowWhereNoLayerHasOne() {
    ModelConfig model =
        read("""
            {"model_type": "gpt_oss", "num_hidden_layers": 1, "layer_types": ["full_attention"],
             "sliding_window": null}
            """)
            .model();
    assertThat(model.slidingWindow()).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void ignoresKeysThatItDoesNotKnow() {
    assertThat(
            read("{\"model_type\": \"gpt_oss\", \"time_step_limit\": [0.0, Infinity], \"x\": NaN}")
                .model()
                .layers())
        .isEqualTo(36);
  }

  @Test
  void warnsOfAContextBeyondTheStretchedPositions() {
    assertThat(
            read("{\"model_type\": \"gpt_oss\", \"max_position_embeddings\": 200000}").warnings())
        .anyMatch(line -> line.contains("200000 tokens exceeds"));
  }

  private static ParsedConfig read(String json) {
    return ConfigReader.read(FILE, json.getBytes(UTF_8), GENERATION, Optional.empty());
  }
}
