package io.github.gptoss.spark.internal.batch;

import io.github.gptoss.engine.FinishReason;
import io.github.gptoss.engine.Usage;
import io.github.gptoss.spark.internal.completions.CompletionFacts;
import io.github.gptoss.spark.internal.completions.CompletionOrigin;
import io.github.gptoss.spark.internal.completions.CompletionVectors;
import io.github.gptoss.spark.internal.completions.RowShare;
import io.github.gptoss.spark.internal.parsed.ParsedType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the samples of a row came to. Each is made as a row by itself would be, with a seed of its
 * own; when all of them are there, they are the choices of the row's completion.
 */
final class Samples {
  private final ParsedType parsed;
  private final boolean areJson;
  private final Sample[] samples;
  private int missing;

  /**
   * A sample's completion.
   *
   * @param facts of its last generation, behind what earlier ones took
   * @param first what its first generation took; null where there was none
   * @param at where the completion is
   */
  record Sample(
      CompletionFacts facts, CompletionOrigin origin, Usage first, CompletionVectors.At at) {}

  /**
   * The sample that is the row's completion.
   *
   * @param share of the samples that give its answer, from 0 to 1; null where there is no vote
   */
  record Chosen(int index, Double share) {}

  /**
   * @param parsed the type of what is parsed of answers
   * @param areJson whether answers are JSON by their form
   */
  Samples(int count, ParsedType parsed, boolean areJson) {
    this.parsed = parsed;
    this.areJson = areJson;
    samples = new Sample[count];
    missing = count;
  }

  /**
   * A sample is there.
   *
   * @return whether all are
   */
  boolean add(int index, Sample sample) {
    samples[index] = sample;
    missing--;
    return missing == 0;
  }

  /** The completions in their order. */
  List<CompletionVectors.At> places() {
    return Arrays.stream(samples).map(Sample::at).toList();
  }

  /** The tokens of all samples; the prompt that all begin with counts once. */
  Usage usage() {
    Usage all = samples[0].facts().total();
    for (int i = 1; i < samples.length; i++) {
      Usage own = samples[i].facts().total();
      Usage first = samples[i].first() == null ? RowShare.NOTHING : samples[i].first();
      Usage prompt = new Usage(first.inputTokens(), 0, 0, first.cachedTokens());
      all = RowShare.sum(all, RowShare.minus(own, prompt));
    }
    return all;
  }

  /** Whether all samples are there and come from the same. */
  boolean haveOneOrigin() {
    return missing == 0
        && Arrays.stream(samples).allMatch(one -> one.origin() == samples[0].origin());
  }

  /**
   * What is counted of the row.
   *
   * @param own what is not counted yet
   */
  CompletionFacts facts(Chosen chosen, Usage own) {
    CompletionFacts of = samples[chosen.index()].facts();
    return new CompletionFacts(
        own, RowShare.minus(usage(), own), of.finishReason(), of.errorCode());
  }

  /**
   * The first sample, or where a vote decides, the first of those with the answer that most have:
   * of equally frequent answers, the one that comes first.
   */
  Chosen chosen(boolean isVote) {
    if (!isVote) {
      return new Chosen(0, null);
    }
    Map<Object, List<Integer>> votes = new HashMap<>();
    List<Integer> most = List.of();
    for (int i = 0; i < samples.length; i++) {
      Object answer = answer(samples[i]);
      if (answer != null) {
        votes.computeIfAbsent(answer, unused -> new ArrayList<>()).add(i);
      }
    }
    for (List<Integer> voters : votes.values()) {
      boolean isEarlier =
          most.isEmpty() || voters.size() == most.size() && voters.get(0) < most.get(0);
      most = voters.size() > most.size() || isEarlier ? voters : most;
    }
    return new Chosen(most.isEmpty() ? 0 : most.get(0), (double) most.size() / samples.length);
  }

  /** What a sample votes for; null for one that failed, was cut, calls a tool or says nothing. */
  private Object answer(Sample sample) {
    CompletionFacts facts = sample.facts();
    if (facts.isError() || !facts.finishReason().equals(FinishReason.STOP.wireName())) {
      return null;
    }
    CompletionVectors vectors = sample.at().vectors();
    String formed = vectors.parsed(sample.at().row());
    if (formed != null) {
      return parsed.comparable(formed, areJson);
    }
    String free = vectors.response(sample.at().row());
    return free == null || free.isBlank() ? null : free.strip();
  }
}
