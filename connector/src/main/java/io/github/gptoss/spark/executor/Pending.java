package io.github.gptoss.spark.executor;

import io.github.gptoss.engine.GenerationResult;

/** A row between its being read and its completion's leaving. */
final class Pending<I> {
  /** Keeps the place of a row that asks for no completion. */
  static final GenerationResult NOTHING =
      GenerationResult.failed("not_asked", "the row asks for no completion", 0);

  private static final int[] NO_TOKENS = {};

  final I row;

  /** The prompt's ids: until the row is submitted, and longer where they are to be returned. */
  int[] prompt = NO_TOKENS;

  RequestTemplate template;
  long weight;
  int promptRow;

  /** Null until the row is submitted. */
  Ticket ticket;

  Pending(I row) {
    this.row = row;
  }

  void forgetPrompt() {
    prompt = NO_TOKENS;
  }
}
