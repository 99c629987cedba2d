package io.github.gptoss.engine.constraint.grammar;

import io.github.gptoss.engine.constraint.lexeme.Lexeme;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A place of the grammar where a JSON value stands: its alternatives. */
public final class Value {
  /** The depth of what no text can be: more than any text may have. */
  static final int IMPOSSIBLE = Integer.MAX_VALUE;

  final List<Lexeme> scalars = new ArrayList<>();
  final List<ArrayRule> arrays = new ArrayList<>();
  final List<ObjectRule> objects = new ArrayList<>();

  /** The fewest brackets that a text of this value opens inside each other. */
  private int minDepth = IMPOSSIBLE;

  /** Adds the state before the first byte, or behind the quotation mark, of a scalar. */
  public void addScalar(Lexeme start) {
    scalars.add(start);
  }

  public void addArray(ArrayRule rule) {
    arrays.add(rule);
  }

  public void addObject(ObjectRule rule) {
    objects.add(rule);
  }

  /** Whether any text is this value. Known after {@link #settle}. */
  public boolean isPossible() {
    return minDepth <= Grammar.MAX_DEPTH;
  }

  int minDepth() {
    return minDepth;
  }

  /** The most brackets that the shortest nesting of a possible alternative opens. */
  int deepestAlternative() {
    IntStream depths =
        IntStream.concat(
            arrays.stream().mapToInt(ArrayRule::minDepth),
            objects.stream().mapToInt(ObjectRule::minDepth));
    return depths.filter(depth -> depth != IMPOSSIBLE).max().orElse(0);
  }

  boolean fits(int room) {
    return minDepth <= room;
  }

  /**
   * Computes how deep the shortest nesting of each value is. A round settles the values that nest a
   * level deeper than those of the round before.
   */
  public static void settle(List<Value> values) {
    boolean hasChanged = true;
    for (int round = 0; hasChanged && round <= Grammar.MAX_DEPTH; round++) {
      hasChanged = settleOnce(values);
    }
  }

  private static boolean settleOnce(List<Value> values) {
    boolean hasChanged = false;
    for (Value value : values) {
      int depth = value.scalars.isEmpty() ? IMPOSSIBLE : 0;
      for (ArrayRule rule : value.arrays) {
        depth = Math.min(depth, rule.minDepth());
      }
      for (ObjectRule rule : value.objects) {
        depth = Math.min(depth, rule.minDepth());
      }
      if (depth < value.minDepth) {
        value.minDepth = depth;
        hasChanged = true;
      }
    }
    return hasChanged;
  }
}
