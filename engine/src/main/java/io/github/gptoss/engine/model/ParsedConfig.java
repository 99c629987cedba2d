package io.github.gptoss.engine.model;

import java.util.List;

/**
 * A config.json that was read and checked.
 *
 * @param openAi whether it has the keys of OpenAI's own {@code original/} folder rather than those
 *     of transformers
 * @param mxfp4 whether it says that the experts are MXFP4
 * @param warnings what is odd but usable, a line each
 */
public record ParsedConfig(
    ModelConfig model, boolean openAi, boolean mxfp4, List<String> warnings) {

  public ParsedConfig {
    warnings = List.copyOf(warnings);
  }
}
