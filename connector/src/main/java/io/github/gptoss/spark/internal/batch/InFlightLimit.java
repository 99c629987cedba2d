package io.github.gptoss.spark.internal.batch;

import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;

/**
 * How much a task may have in flight. A row that is more by itself is let in alone.
 *
 * @param rows rows, at most, each of a row's samples counting as one
 * @param bytes memory of the rows, their prompts and their completions, at most
 */
public record InFlightLimit(int rows, long bytes) {
  /**
   * What a generated token takes at most: UTF-16 text and an id until its row is drained, UTF-8
   * text and an id in buffers that grow by doubling from then on.
   */
  private static final int BYTES_PER_COMPLETION_TOKEN = 16;

  /** An id here and in the engine. */
  private static final int BYTES_PER_PROMPT_TOKEN = 8;

  /** The longest context of the model family: no completion grows beyond it. */
  private static final int LONGEST_COMPLETION = 1 << 17;

  public static InFlightLimit of(OptionValues options) {
    return new InFlightLimit(
        options.intValue(OptionKey.WINDOW_ROWS), options.bytesValue(OptionKey.WINDOW_BYTES));
  }

  /** Whether another row may be read. */
  boolean hasPlace(int rowsHeld) {
    return rowsHeld < rows;
  }

  /** Whether a row of so many samples and this weight may join those that are held. */
  boolean admits(int rowsHeld, long bytesHeld, int samples, long weight) {
    return rowsHeld == 0 || (samples <= rows - rowsHeld && weight <= bytes - bytesHeld);
  }

  /** What a row in flight weighs; each of its samples has the prompt in the engine. */
  static long weight(long rowBytes, int promptTokens, int maxTokens, int samples) {
    long sampleBytes =
        (long) promptTokens * BYTES_PER_PROMPT_TOKEN
            + (long) Math.min(maxTokens, LONGEST_COMPLETION) * BYTES_PER_COMPLETION_TOKEN;
    return rowBytes + samples * sampleBytes;
  }
}
