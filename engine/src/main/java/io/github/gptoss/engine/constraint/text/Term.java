package io.github.gptoss.engine.constraint.text;

import java.util.List;

/**
 * A set of strings of code points, as a regular expression with intersection and complement. Terms
 * are made by {@link Terms}, which gives equal terms the same object, so terms are compared by
 * identity. A term belongs to the thread, or the lock, of its {@code Terms}.
 */
public final class Term {
  enum Kind {
    NONE,
    EMPTY_STRING,
    SET,
    CONCAT,
    UNION,
    AND,
    NOT,
    REPEAT
  }

  static final int UNBOUNDED = Integer.MAX_VALUE;

  final Kind kind;
  final int id;

  /** The code points of a SET; otherwise null. */
  final CodePoints set;

  /** Operands: two of a CONCAT, one of a NOT or REPEAT, two or more of a UNION or AND. */
  final List<Term> parts;

  /** Bounds of a REPEAT; {@link #UNBOUNDED} is no upper bound. */
  final int min;

  final int max;

  final boolean isNullable;

  /** Whether no AND and no NOT is part of this term, so that it is empty only as NONE. */
  final boolean isPositive;

  /** Shortest and longest string in code points; only of positive terms. */
  final long minLength;

  final long maxLength;

  /** Whether there is a string of each length between the shortest and the longest one. */
  final boolean isSolid;

  /** The code points that strings of this term may hold; only of positive terms, else null. */
  final CodePoints alphabet;

  /** What is left after one code point; null until it is asked for. */
  Derivatives derivatives;

  /** Whether a string matches; null while that is not known. */
  Boolean isAlive;

  /** The code points of the shortest string that matches; negative while that is not known. */
  int shortest = -1;

  Term(
      Kind kind,
      int id,
      CodePoints set,
      List<Term> parts,
      int min,
      int max,
      boolean isNullable,
      Lengths lengths) {
    this.kind = kind;
    this.id = id;
    this.set = set;
    this.parts = parts;
    this.min = min;
    this.max = max;
    this.isNullable = isNullable;
    isPositive = lengths != null;
    minLength = isPositive ? lengths.min : 0;
    maxLength = isPositive ? lengths.max : Long.MAX_VALUE;
    isSolid = isPositive && lengths.isSolid;
    alphabet = !isPositive ? null : kind == Kind.SET ? set : alphabet(parts);
    if (kind == Kind.NONE) {
      isAlive = false;
    } else if (isPositive || isNullable) {
      isAlive = true;
    }
  }

  private static CodePoints alphabet(List<Term> parts) {
    CodePoints all = CodePoints.NONE;
    for (Term part : parts) {
      all = all.or(part.alphabet);
    }
    return all;
  }

  /** Whether this is every string over some code points. */
  boolean isStar() {
    return kind == Kind.REPEAT && min == 0 && max == UNBOUNDED && parts.get(0).kind == Kind.SET;
  }

  /** Whether the empty string matches. */
  public boolean isNullable() {
    return isNullable;
  }

  /** Lengths of a positive term's strings. */
  record Lengths(long min, long max, boolean isSolid) {
    static final long UNBOUNDED = Long.MAX_VALUE;

    static long times(long length, int count) {
      if (length == 0 || count == 0) {
        return 0;
      }
      return length == UNBOUNDED || count == Term.UNBOUNDED ? UNBOUNDED : length * count;
    }

    static long plus(long a, long b) {
      return a == UNBOUNDED || b == UNBOUNDED ? UNBOUNDED : a + b;
    }
  }

  /** Targets by ranges of code points; a range ends where the next one begins. */
  record Derivatives(int[] starts, Term[] targets) {
    /** The range that holds a code point. */
    int indexOf(int codePoint) {
      int low = 0;
      int high = starts.length - 1;
      while (low < high) {
        int middle = (low + high + 1) >>> 1;
        if (starts[middle] <= codePoint) {
          low = middle;
        } else {
          high = middle - 1;
        }
      }
      return low;
    }

    int last(int range) {
      return range + 1 < starts.length ? starts[range + 1] - 1 : CodePoints.LAST;
    }
  }
}
