package io.github.gptoss.engine;

import io.github.gptoss.engine.backend.SampleRow;
import io.github.gptoss.engine.constraint.odds.ValueTree;
import io.github.gptoss.engine.constraint.odds.Watched;
import io.github.gptoss.engine.constraint.turn.TurnState.InText;
import io.github.gptoss.engine.sampling.TokenWeights;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The probabilities of one request's values. Belongs to the engine's thread. */
final class AnswerOdds {
  private final Watched watched;
  private final List<ValueTree> trees;
  private int waiting;

  /** The nodes under way, and what is known of them; in their order, whatever is known first. */
  private final List<OddsNode> asked = new ArrayList<>();

  AnswerOdds(CompiledTurn turn) {
    watched = turn.watched();
    trees =
        watched.paths().stream()
            .map(path -> new ValueTree(turn.grammar(), path, watched.isJson(), watched.cutOff()))
            .toList();
  }

  /** The least probability of a token of the answer that is to be told of. */
  double leastProbability() {
    return trees.stream().anyMatch(ValueTree::isWaiting) ? watched.cutOff() : SampleRow.NOT_WEIGHED;
  }

  /** The answer goes on with a token; see {@link ValueTree#draw}. */
  void draw(InText state, int token, TokenWeights weights, int position) {
    trees.forEach(tree -> tree.draw(state, token, weights, position));
  }

  /** The places whose logits are wanted next; none where all is known. */
  List<OddsNode> next(InFlight flight) {
    asked.clear();
    for (ValueTree tree : trees) {
      tree.takeOpen().forEach(node -> asked.add(new OddsNode(flight, tree, node)));
    }
    waiting = asked.size();
    return List.copyOf(asked);
  }

  /** The places that were asked for last. */
  List<OddsNode> asked() {
    return asked;
  }

  /** Nothing will be known of one of them. */
  void leaveOut() {
    waiting--;
  }

  /** Whether all the places that were asked for last are known now. */
  boolean isKnown(OddsNode node, TokenWeights weights) {
    node.weights = weights;
    if (--waiting > 0) {
      return false;
    }
    for (OddsNode known : asked) {
      if (known.weights != null) {
        known.tree.expand(known.node, known.weights);
      }
    }
    return true;
  }

  /** The probability of all the values that the answer has; null where it has none. */
  Double confidence() {
    Double all = null;
    for (ValueTree tree : trees) {
      if (tree.confidence() != null) {
        all = all == null ? tree.confidence() : Double.valueOf(all * tree.confidence());
      }
    }
    return all;
  }

  /**
   * Probabilities by value; of several members, by {@code path=value}. Null where they are not
   * wanted.
   */
  Map<String, Double> probabilities() {
    if (!watched.isMap()) {
      return null;
    }
    Map<String, Double> all = new LinkedHashMap<>();
    for (int i = 0; i < trees.size(); i++) {
      String prefix = trees.size() == 1 ? "" : String.join(".", watched.paths().get(i)) + "=";
      trees.get(i).probabilities().forEach((value, odds) -> all.put(prefix + value, odds));
    }
    return all;
  }
}
