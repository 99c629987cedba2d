package io.github.gptoss.spark.internal.prompts;

import java.util.stream.IntStream;

/** What a renderer gives, as an array. */
final class Rendered {
  private Rendered() {}

  static int[] by(PromptRenderer renderer, String input, boolean isMessages) {
    IntStream.Builder ids = IntStream.builder();
    renderer.render(PromptRow.of(input, isMessages), ids::add);
    return ids.build().toArray();
  }
}
