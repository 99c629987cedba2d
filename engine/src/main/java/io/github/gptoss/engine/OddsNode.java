package io.github.gptoss.engine;

import io.github.gptoss.engine.backend.SampleRow;
import io.github.gptoss.engine.constraint.odds.ValueTree;
import io.github.gptoss.engine.sampling.SamplingParams;
import io.github.gptoss.engine.sampling.TokenWeights;
import io.github.gptoss.engine.scheduler.Sequence;
import java.util.concurrent.ExecutorService;

/** A place off an answer's way whose logits are wanted, and the sequence that leads to it. */
final class OddsNode implements LogitsUser {
  final InFlight flight;
  final ValueTree tree;
  final ValueTree.Node node;

  /** Null where the sequence could not be computed. */
  TokenWeights weights;

  Sequence sequence;

  OddsNode(InFlight flight, ValueTree tree, ValueTree.Node node) {
    this.flight = flight;
    this.tree = tree;
    this.node = node;
  }

  /** The prompt, the answer up to where the way leaves it, and the tokens from there. */
  Sequence begin() {
    int[] tokens = flight.tokens(node.drawn(), node.tokens());
    Sequence answer = flight.sequence();
    sequence = Sequence.scoring(answer.id(), tokens, tokens.length - 1, answer.adapter());
    return sequence;
  }

  @Override
  public void prepareSampling(ExecutorService workers) {
    // The allowed tokens are known.
  }

  @Override
  public SampleRow sampling() {
    return new SampleRow(
        SamplingParams.GREEDY, null, 0, node.allowed(), tree.leastProbability(node));
  }
}
