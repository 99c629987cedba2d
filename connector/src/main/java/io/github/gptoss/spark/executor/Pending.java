package io.github.gptoss.spark.executor;

/** A row between its being read and its completion's leaving. */
final class Pending<I> {
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
