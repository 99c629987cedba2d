package io.github.gptoss.engine.constraint.text;

import java.util.List;

/**
 * Finds patterns of which a long text would need too many parts of a state: a count that may begin
 * anywhere, as in {@code a.{20000}$}, where each a that was read begins another count. A text of
 * that length is too long to be tried, so the pattern is tried with small counts.
 */
final class Widths {
  private static final int FEW = 32;
  private static final int MORE = 64;

  /** Parts by which a state has to become wider for its growth to be seen. */
  private static final int GROWTH = 8;

  private Widths() {}

  /**
   * @throws LimitExceededException if some text needs more parts of a state than the limit, as far
   *     as small counts show it
   */
  static void requireNarrow(Pattern tree) {
    long largest = largestCount(tree);
    if (largest <= Terms.MAX_OPERANDS) {
      return;
    }
    long more = width(tree, MORE);
    long growth = more - width(tree, FEW);
    long expected = more + growth * (largest - MORE) / (MORE - FEW);
    if (growth >= GROWTH && expected > Terms.MAX_OPERANDS) {
      throw new LimitExceededException(
          String.format(
              "a state of its automaton has more than %,d parts after a long text",
              Terms.MAX_OPERANDS));
    }
  }

  private static int largestCount(Pattern tree) {
    if (tree instanceof Pattern.Repeat repeat) {
      int count = repeat.max() == Term.UNBOUNDED ? repeat.min() : repeat.max();
      return Math.max(count, largestCount(repeat.part()));
    }
    return parts(tree).stream().mapToInt(Widths::largestCount).max().orElse(0);
  }

  private static List<Pattern> parts(Pattern tree) {
    if (tree instanceof Pattern.Sequence sequence) {
      return sequence.parts();
    }
    return tree instanceof Pattern.Choice choice ? choice.parts() : List.of();
  }

  private static Pattern scaled(Pattern tree, int most) {
    if (tree instanceof Pattern.Repeat repeat) {
      int max = repeat.max() == Term.UNBOUNDED ? repeat.max() : Math.min(most, repeat.max());
      return new Pattern.Repeat(scaled(repeat.part(), most), Math.min(most, repeat.min()), max);
    }
    List<Pattern> parts = parts(tree).stream().map(part -> scaled(part, most)).toList();
    if (tree instanceof Pattern.Sequence) {
      return new Pattern.Sequence(parts);
    }
    return tree instanceof Pattern.Choice ? new Pattern.Choice(parts) : tree;
  }

  /** The parts of the widest state that a text finds which always takes the wider way. */
  private static int width(Pattern tree, int most) {
    Terms terms = new Terms();
    Term start = Patterns.lower(terms, scaled(tree, most));
    Term state = start;
    int widest = 0;
    long random = most;
    for (int step = 0; step < 4 * most; step++) {
      Term widestNext = terms.none;
      for (Term next : terms.derivatives(state).targets()) {
        random = random * 6364136223846793005L + 1442695040888963407L;
        int wider = Integer.compare(width(next), width(widestNext));
        if (wider > 0 || wider == 0 && random < 0) {
          widestNext = next;
        }
      }
      state = widestNext == terms.none ? start : widestNext;
      widest = Math.max(widest, width(state));
    }
    return widest;
  }

  private static int width(Term term) {
    return switch (term.kind) {
      case NONE -> 0;
      case UNION, AND -> term.parts.size() + term.parts.stream().mapToInt(Widths::inner).sum();
      default -> 1 + inner(term);
    };
  }

  /** What the beginning of a chain adds. */
  private static int inner(Term term) {
    return term.kind == Term.Kind.CONCAT || term.kind == Term.Kind.NOT
        ? width(term.parts.get(0)) - 1
        : 0;
  }
}
