package io.github.gptoss.engine.constraint.text;

import java.util.Arrays;

/**
 * An immutable set of Unicode code points without surrogates, as sorted ranges: surrogates occur in
 * no UTF-8 text.
 */
public final class CodePoints {
  static final int LAST = Character.MAX_CODE_POINT;

  static final CodePoints ALL = new CodePoints(new int[] {0, 0xD7FF, 0xE000, LAST});
  static final CodePoints NONE = new CodePoints(new int[0]);

  /** Pairs of a first and a last code point, ascending, neither overlapping nor adjacent. */
  private final int[] bounds;

  private CodePoints(int[] bounds) {
    this.bounds = bounds;
  }

  /** The code points from {@code first} to {@code last}, both included; surrogates are left out. */
  public static CodePoints range(int first, int last) {
    return new CodePoints(new int[] {first, last}).and(ALL);
  }

  /** The code points of a text. */
  static CodePoints of(String members) {
    return members.codePoints().mapToObj(c -> range(c, c)).reduce(NONE, CodePoints::or);
  }

  int ranges() {
    return bounds.length / 2;
  }

  int first(int range) {
    return bounds[2 * range];
  }

  int last(int range) {
    return bounds[2 * range + 1];
  }

  boolean isEmpty() {
    return bounds.length == 0;
  }

  boolean holds(CodePoints other) {
    return equals(ALL) || and(other).equals(other);
  }

  CodePoints or(CodePoints other) {
    if (other.isEmpty()) {
      return this;
    }
    if (isEmpty()) {
      return other;
    }
    int[] sorted = new int[bounds.length + other.bounds.length];
    int size = 0;
    int mine = 0;
    int others = 0;
    while (mine < bounds.length || others < other.bounds.length) {
      boolean isMine =
          others == other.bounds.length
              || mine < bounds.length && bounds[mine] <= other.bounds[others];
      int first = isMine ? bounds[mine] : other.bounds[others];
      int last = isMine ? bounds[mine + 1] : other.bounds[others + 1];
      mine += isMine ? 2 : 0;
      others += isMine ? 0 : 2;
      if (size > 0 && first <= sorted[size - 1] + 1) {
        sorted[size - 1] = Math.max(sorted[size - 1], last);
      } else {
        sorted[size++] = first;
        sorted[size++] = last;
      }
    }
    return new CodePoints(Arrays.copyOf(sorted, size));
  }

  CodePoints and(CodePoints other) {
    int[] common = new int[bounds.length + other.bounds.length];
    int size = 0;
    for (int mine = 0, others = 0; mine < bounds.length && others < other.bounds.length; ) {
      int first = Math.max(bounds[mine], other.bounds[others]);
      int last = Math.min(bounds[mine + 1], other.bounds[others + 1]);
      if (first <= last) {
        common[size++] = first;
        common[size++] = last;
      }
      if (bounds[mine + 1] < other.bounds[others + 1]) {
        mine += 2;
      } else {
        others += 2;
      }
    }
    return new CodePoints(Arrays.copyOf(common, size));
  }

  /** All code points that are not in this set. */
  CodePoints not() {
    int[] gaps = new int[bounds.length + 2];
    int size = 0;
    int next = 0;
    for (int i = 0; i < bounds.length; i += 2) {
      if (bounds[i] > next) {
        gaps[size++] = next;
        gaps[size++] = bounds[i] - 1;
      }
      next = bounds[i + 1] + 1;
    }
    if (next <= LAST) {
      gaps[size++] = next;
      gaps[size++] = LAST;
    }
    return new CodePoints(Arrays.copyOf(gaps, size)).and(ALL);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CodePoints set && Arrays.equals(bounds, set.bounds);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bounds);
  }
}
