package io.github.gptoss.engine.constraint.grammar;

import io.github.gptoss.engine.constraint.lexeme.Lexeme;
import java.util.List;

/** Arrays: a value for each of the first items, one for all others, and a count. */
public final class ArrayRule {
  /** No upper bound of a count. */
  public static final int UNBOUNDED = Integer.MAX_VALUE;

  private final List<Value> first;
  private final Value rest;
  final int min;
  final int max;

  /** The values that may occur once each; null where items may repeat. At most 64. */
  final List<Lexeme> distinct;

  /**
   * @param distinct the starts of the values that may occur once each, at most 64; null where items
   *     may repeat
   */
  public ArrayRule(List<Value> first, Value rest, int min, int max, List<Lexeme> distinct) {
    this.first = List.copyOf(first);
    this.rest = rest;
    this.min = min;
    this.max = distinct == null ? max : Math.min(max, distinct.size());
    this.distinct = distinct;
  }

  Value item(int index) {
    return index < first.size() ? first.get(index) : rest;
  }

  /** A count that stands for all counts from which the same goes on. */
  int counted(int count) {
    return max == UNBOUNDED ? Math.min(count, Math.max(min, first.size())) : count;
  }

  int minDepth() {
    if (min > max) {
      return Value.IMPOSSIBLE;
    }
    int depth = 0;
    int kinds = distinct == null ? Math.min(min, first.size() + 1) : 0;
    for (int i = 0; i < kinds; i++) {
      depth = Math.max(depth, item(i).minDepth());
    }
    return depth == Value.IMPOSSIBLE ? depth : depth + 1;
  }
}
