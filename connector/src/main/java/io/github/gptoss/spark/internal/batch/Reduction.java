package io.github.gptoss.spark.internal.batch;

import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.Usage;
import io.github.gptoss.engine.harmony.TextChunks;
import io.github.gptoss.spark.internal.completions.CompletionFacts;
import io.github.gptoss.spark.internal.completions.RowShare;
import java.util.List;

/**
 * Answers texts of any length: packed into chunks that fit the context, in their order, each of
 * which is answered by itself; then the answers are the texts of the next level, until one chunk is
 * left. The chunks depend on the texts and the room alone, so the answer does, too.
 */
final class Reduction {
  /** Begins the chunks of all levels but the first. */
  static final String COMBINE =
      "These are answers for the parts of a longer text, in their order. Answer for the whole.";

  /** Chunks may have a few more tokens than were asked for. */
  private static final int SLACK_TOKENS = 32;

  /** A chunk that is smaller than this is no use. */
  private static final int LEAST_TOKENS = 64;

  private final int chunkTokens;
  private List<String> chunks;
  private String[] answers;
  private int missing;
  private Usage spent = RowShare.NOTHING;
  private GenerationResult failed;

  private Reduction(List<String> texts, int chunkTokens) {
    this.chunkTokens = chunkTokens;
    begin(TextChunks.of(texts, chunkTokens));
  }

  /**
   * Begins with the texts.
   *
   * @param roomTokens what a prompt may have, beside what all of them have in common
   * @return null where there is no room for a chunk, or nothing to put into one
   */
  static Reduction of(List<String> texts, int roomTokens) {
    int chunkTokens = roomTokens - SLACK_TOKENS;
    if (chunkTokens < LEAST_TOKENS) {
      return null;
    }
    Reduction reduction = new Reduction(texts, chunkTokens);
    return reduction.chunks.isEmpty() ? null : reduction;
  }

  private void begin(List<String> level) {
    chunks = level;
    answers = new String[level.size()];
    missing = level.size();
  }

  /** The texts to answer now. */
  List<String> chunks() {
    return chunks;
  }

  /** Whether the answer to the one chunk that there is now is the answer to all. */
  boolean isLast() {
    return chunks.size() == 1;
  }

  /**
   * A chunk has been answered.
   *
   * @param result of which the tokens count
   * @return whether all chunks of the level have
   */
  boolean done(int chunk, GenerationResult result) {
    spent = RowShare.sum(spent, result.usage());
    if (failed == null && CompletionFacts.of(result).isError()) {
      failed = result;
    }
    return done(chunk, result.response());
  }

  /** The same of an answer that was kept. */
  boolean done(int chunk, String answer, CompletionFacts facts) {
    spent = RowShare.sum(spent, facts.usage());
    if (failed == null && facts.isError()) {
      failed =
          GenerationResult.failed(facts.errorCode(), "a part of the text has no whole answer", 0);
    }
    return done(chunk, answer);
  }

  private boolean done(int chunk, String answer) {
    answers[chunk] = answer == null ? "" : answer;
    if (failed == null && answers[chunk].isBlank()) {
      failed =
          GenerationResult.failed(
              "not_reducible",
              "a part of a long text has an empty answer, so that there is none for the whole: raise"
                  + " max_tokens, or bound the reasoning with max_reasoning_tokens",
              0);
    }
    missing--;
    return missing == 0;
  }

  /** What failed and ends it; null if nothing did. */
  GenerationResult failed() {
    return failed;
  }

  /** The tokens of all chunks that have been answered. */
  Usage spent() {
    return spent;
  }

  /** Goes on with the answers. */
  void combine() {
    int combined = chunks.size();
    List<String> next = TextChunks.of(List.of(answers), chunkTokens - SLACK_TOKENS);
    if (next.size() >= combined) {
      failed =
          GenerationResult.failed(
              "not_reducible",
              "the answers to "
                  + combined
                  + " parts of a long text are as long as the context allows, so that they cannot be"
                  + " combined: lower max_tokens, ask for shorter answers, or raise max_model_len",
              0);
    } else {
      begin(next.stream().map(chunk -> COMBINE + TextChunks.SEPARATOR + chunk).toList());
    }
  }
}
