package io.github.gptoss.engine.constraint.odds;

import io.github.gptoss.engine.constraint.turn.TurnGrammar;
import io.github.gptoss.engine.constraint.turn.TurnState;
import io.github.gptoss.engine.constraint.turn.TurnState.InText;
import io.github.gptoss.engine.sampling.TokenSet;
import io.github.gptoss.engine.sampling.TokenWeights;
import io.github.gptoss.engine.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The ways in which an answer, or a member of it, can be written from where it begins, as a tree of
 * tokens. The probability of a value is the sum over all of its ways. The way that the answer took
 * is known from its own steps; others are followed, from the answer's text up to where they leave
 * it, as long as they are not less probable than the cut-off.
 */
public final class ValueTree {
  /** Bounds the work for one value where the cut-off is small. */
  private static final int MAX_NODES = 4_096;

  /**
   * A place off the answer's way whose logits are wanted.
   *
   * @param drawn how many of the answer's tokens lead to it
   * @param tokens the tokens after these
   * @param mass the probability of coming here from where the value begins
   * @param allowed the tokens that may follow, more than one
   */
  public record Node(
      int drawn, int[] tokens, double mass, InText state, ValueText text, TokenSet allowed) {}

  private final TurnGrammar grammar;
  private final boolean isJson;
  private final double cutOff;

  /** Null where the value is the whole answer. */
  private final MemberFinder finder;

  /** By values as they are written, which tells 1 from "1". */
  private final Map<String, Double> sums = new HashMap<>();

  private List<Node> open = new ArrayList<>();
  private int nodes;

  /** The value on the answer's way; null before it begins. */
  private ValueText text;

  private double mass = 1;
  private String drawnValue;

  /**
   * @param path names of members; none for the whole answer
   * @param isJson whether the answer is JSON
   */
  public ValueTree(TurnGrammar grammar, List<String> path, boolean isJson, double cutOff) {
    this.grammar = grammar;
    this.isJson = isJson;
    this.cutOff = cutOff;
    finder = path.isEmpty() ? null : new MemberFinder(path);
  }

  /** Whether the answer's value is not known yet, so that more of its tokens are to be told of. */
  public boolean isWaiting() {
    return drawnValue == null;
  }

  /**
   * The answer goes on with a token.
   *
   * @param state before the token
   * @param position how many tokens of the answer's turn come before it
   */
  public void draw(InText state, int token, TokenWeights weights, int position) {
    if (!isWaiting()) {
      return;
    }
    byte[] bytes = token == state.end() ? new byte[0] : bytes(token);
    if (text == null) {
      int begin = finder == null ? 0 : finder.read(bytes);
      if (begin < 0) {
        return;
      }
      text = ValueText.behind(Arrays.copyOf(bytes, begin));
    }
    branch(new Node(position, new int[0], mass, state, text, null), weights, token);
    mass *= weights.chosen();
    text = finder == null ? whole(text, bytes) : text.with(bytes);
    TurnState next = grammar.next(state, token);
    if (isComplete(next, text)) {
      drawnValue = text.value();
      sums.merge(drawnValue, mass, Double::sum);
    }
  }

  /** A whole answer ends with its turn, whatever its text. */
  private static ValueText whole(ValueText text, byte[] bytes) {
    byte[] read = Arrays.copyOf(text.read(), text.read().length + bytes.length);
    System.arraycopy(bytes, 0, read, text.read().length, bytes.length);
    return new ValueText(text.before(), read, false, false);
  }

  private boolean isComplete(TurnState next, ValueText value) {
    return !(next instanceof InText at) || finder != null && value.isWhole(at);
  }

  private static byte[] bytes(int token) {
    return Tokenizer.o200kHarmony().decodeToBytes(token);
  }

  /** Takes away the nodes whose logits are wanted. */
  public List<Node> takeOpen() {
    List<Node> taken = open;
    open = new ArrayList<>();
    return taken;
  }

  /** The probabilities of the tokens at a node. */
  public void expand(Node node, TokenWeights weights) {
    branch(node, weights, -1);
  }

  /** The smallest probability of a token at a node that is worth following. */
  public double leastProbability(Node node) {
    return cutOff / node.mass();
  }

  private void branch(Node from, TokenWeights weights, int except) {
    for (int i = 0; i < weights.tokens().length; i++) {
      double reached = from.mass() * weights.probabilities()[i];
      if (weights.tokens()[i] != except && reached > 0 && reached >= cutOff) {
        follow(from, weights.tokens()[i], reached);
      }
    }
  }

  /** Goes on with a token, and with those after it that nothing but they can follow. */
  private void follow(Node from, int first, double reached) {
    InText state = from.state();
    ValueText value = from.text();
    int[] tokens = from.tokens();
    int token = first;
    while (true) {
      byte[] bytes = token == state.end() ? new byte[0] : bytes(token);
      value = finder == null ? whole(value, bytes) : value.with(bytes);
      TurnState next = grammar.next(state, token);
      if (value == null) {
        return; // other white space before the value than the answer has
      }
      if (isComplete(next, value)) {
        sums.merge(value.value(), reached, Double::sum);
        return;
      }
      tokens = Arrays.copyOf(tokens, tokens.length + 1);
      tokens[tokens.length - 1] = token;
      state = (InText) next;
      TokenSet allowed = grammar.allowed(state);
      if (allowed.count() > 1) {
        if (nodes++ < MAX_NODES) {
          open.add(new Node(from.drawn(), tokens, reached, state, value, allowed));
        }
        return;
      }
      token = allowed.toArray()[0];
    }
  }

  /** The probability of the value that the answer has; null where it has none. */
  public Double confidence() {
    return drawnValue == null ? null : Double.valueOf(probability(sums.get(drawnValue)));
  }

  /** A sum over paths without what rounding adds to one. */
  private static double probability(double sum) {
    return Math.min(1, sum);
  }

  /**
   * The probabilities of the values, the largest first; what was left out under the empty text.
   * Values of the same text, such as 1 and "1", are one. Empty where the answer has no value.
   */
  public Map<String, Double> probabilities() {
    Map<String, Double> sorted = new LinkedHashMap<>();
    if (drawnValue != null) {
      double rest = 1 - sums.values().stream().mapToDouble(Double::doubleValue).sum();
      Map<String, Double> byText = new HashMap<>();
      sums.forEach(
          (value, odds) ->
              byText.merge(isJson ? MemberFinder.text(value) : value, odds, Double::sum));
      byText.entrySet().stream()
          .sorted(
              Map.Entry.<String, Double>comparingByValue(Comparator.reverseOrder())
                  .thenComparing(Map.Entry.comparingByKey()))
          .forEach(entry -> sorted.put(entry.getKey(), probability(entry.getValue())));
      sorted.merge("", Math.max(0, rest), Double::sum);
    }
    return sorted;
  }
}
