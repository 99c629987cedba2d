package io.github.gptoss.engine.model;

import static io.github.gptoss.engine.model.ConfigReader.DEFAULT_POSITIONS;
import static io.github.gptoss.engine.model.ConfigReader.MAX_POSITIONS;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The part of a configuration that places tokens: rotary frequencies and their stretching. */
record RopeReader(Path file, ConfigObject config) {
  private static final int DEFAULT_ORIGINAL_POSITIONS = 4_096;
  private static final float DEFAULT_FACTOR = 32f;
  private static final float DEFAULT_BETA_FAST = 32f;
  private static final float DEFAULT_BETA_SLOW = 1f;

  /** transformers 5 moves the base of the frequencies into {@code rope_parameters}. */
  float theta() {
    Optional<ConfigObject> rope = config.object("rope_parameters");
    ConfigObject holder = rope.filter(r -> r.has("rope_theta")).orElse(config);
    return holder.number("rope_theta", NumberRange.FROM_ONE, 150_000f);
  }

  RopeScaling huggingFace() {
    Optional<ConfigObject> parameters = config.object("rope_parameters");
    Optional<ConfigObject> rope =
        parameters.isPresent() ? parameters : config.object("rope_scaling");
    return rope.map(this::yarn)
        .orElseGet(
            () -> {
              config.tookDefault("rope_scaling");
              return new RopeScaling(
                  DEFAULT_FACTOR,
                  DEFAULT_BETA_FAST,
                  DEFAULT_BETA_SLOW,
                  DEFAULT_ORIGINAL_POSITIONS,
                  false);
            });
  }

  private RopeScaling yarn(ConfigObject rope) {
    String typeKey = rope.has("rope_type") ? "rope_type" : "type";
    if (!rope.string(typeKey, "default").equals("yarn")) {
      throw rope.unsupported(typeKey, "\"yarn\"");
    }
    // transformers lets these replace the formula of the concentration; no gpt-oss model has them.
    for (String key : List.of("attention_factor", "mscale", "mscale_all_dim")) {
      if (!rope.value(key).isMissingNode()) {
        throw rope.unsupported(key, "no such key");
      }
    }
    RopeScaling scaling =
        new RopeScaling(
            rope.number("factor", NumberRange.FROM_ONE),
            rope.number("beta_fast", NumberRange.POSITIVE, DEFAULT_BETA_FAST),
            rope.number("beta_slow", NumberRange.POSITIVE, DEFAULT_BETA_SLOW),
            rope.integer(
                "original_max_position_embeddings",
                1,
                MAX_POSITIONS,
                config.integer("max_position_embeddings", 1, MAX_POSITIONS, DEFAULT_POSITIONS)),
            rope.bool("truncate", true));
    return checkBetas(scaling, "beta_fast", "beta_slow");
  }

  RopeScaling openAi() {
    RopeScaling scaling =
        new RopeScaling(
            config.number("rope_scaling_factor", NumberRange.FROM_ONE, DEFAULT_FACTOR),
            config.number("rope_ntk_beta", NumberRange.POSITIVE, DEFAULT_BETA_FAST),
            config.number("rope_ntk_alpha", NumberRange.POSITIVE, DEFAULT_BETA_SLOW),
            config.integer("initial_context_length", 1, MAX_POSITIONS, DEFAULT_ORIGINAL_POSITIONS),
            false);
    return checkBetas(scaling, "rope_ntk_beta", "rope_ntk_alpha");
  }

  private RopeScaling checkBetas(RopeScaling scaling, String fastKey, String slowKey) {
    if (scaling.betaFast() <= scaling.betaSlow()) {
      throw ConfigErrors.disagree(
          file,
          fastKey,
          scaling.betaFast(),
          slowKey,
          scaling.betaSlow(),
          "the first to be greater than the second");
    }
    return scaling;
  }

  /** Tokens of context where the configuration gives them only by the stretching. */
  int stretched(RopeScaling rope) {
    double positions = (double) rope.originalMaxPositions() * rope.factor();
    if (positions > MAX_POSITIONS) {
      throw ConfigErrors.disagree(
          file,
          "initial_context_length",
          rope.originalMaxPositions(),
          "rope_scaling_factor",
          rope.factor(),
          "a product of at most " + MAX_POSITIONS);
    }
    return (int) positions;
  }
}
