package io.github.gptoss.engine.constraint.text;

import java.util.ArrayList;
import java.util.List;

/** Terms of patterns and formats. */
public final class Patterns {
  private Patterns() {}

  /**
   * The strings in which a pattern is found, as JSON Schema's {@code pattern} means it.
   *
   * @throws PatternException if the pattern is invalid or unsupported
   */
  public static Term search(Terms terms, String pattern) throws PatternException {
    Pattern any = new Pattern.Repeat(new Pattern.Chars(CodePoints.ALL), 0, Term.UNBOUNDED);
    return term(terms, new Pattern.Sequence(List.of(any, PatternParser.parse(pattern), any)));
  }

  /**
   * Parses a pattern without making its term.
   *
   * @throws PatternException if the pattern is invalid or unsupported
   */
  public static void check(String pattern) throws PatternException {
    PatternParser.parse(pattern);
  }

  /**
   * The strings that a pattern matches as a whole.
   *
   * @throws PatternException if the pattern is invalid or unsupported
   */
  public static Term whole(Terms terms, String pattern) throws PatternException {
    return term(terms, PatternParser.parse(pattern));
  }

  private static Term term(Terms terms, Pattern tree) {
    Widths.requireNarrow(tree);
    return lower(terms, tree, true, true);
  }

  /** The strings that a tree matches as a whole. */
  static Term lower(Terms terms, Pattern tree) {
    return lower(terms, tree, true, true);
  }

  /**
   * The strings that a tree matches between two places of a text.
   *
   * @param atStart whether the first place is the text's beginning
   * @param atEnd whether the second place is the text's end
   */
  private static Term lower(Terms terms, Pattern tree, boolean atStart, boolean atEnd) {
    if (tree instanceof Pattern.Chars chars) {
      return terms.set(chars.set());
    }
    if (tree instanceof Pattern.Start) {
      return atStart ? terms.emptyString : terms.none;
    }
    if (tree instanceof Pattern.End) {
      return atEnd ? terms.emptyString : terms.none;
    }
    if (tree instanceof Pattern.Choice choice) {
      return terms.union(
          choice.parts().stream().map(part -> lower(terms, part, atStart, atEnd)).toList());
    }
    if (tree instanceof Pattern.Repeat repeat) {
      return repeat(terms, repeat, atStart, atEnd);
    }
    return sequence(terms, ((Pattern.Sequence) tree).parts(), atStart, atEnd);
  }

  /**
   * Goes from the last part to the first one and keeps the strings of the parts behind for each of
   * the four kinds of places: an anchor looks past parts that match the empty string.
   */
  private static Term sequence(Terms terms, List<Pattern> parts, boolean atStart, boolean atEnd) {
    Term[] behind = {terms.emptyString, terms.emptyString, terms.emptyString, terms.emptyString};
    for (int i = parts.size() - 1; i >= 0; i--) {
      Term[] part = new Term[4];
      for (int place = 0; place < 4; place++) {
        part[place] =
            place > 0 && !hasAnchor(parts.get(i))
                ? part[0]
                : lower(terms, parts.get(i), isStart(place), isEnd(place));
      }
      Term[] both = new Term[4];
      for (int place = 0; place < 4; place++) {
        both[place] = join(terms, part, behind, place);
      }
      behind = both;
    }
    return behind[place(atStart, atEnd)];
  }

  private static int place(boolean atStart, boolean atEnd) {
    return (atStart ? 2 : 0) + (atEnd ? 1 : 0);
  }

  private static boolean isStart(int place) {
    return place >= 2;
  }

  private static boolean isEnd(int place) {
    return place % 2 == 1;
  }

  private static Term join(Terms terms, Term[] part, Term[] behind, int place) {
    Term head = part[place(isStart(place), false)];
    Term tail = behind[place(false, isEnd(place))];
    List<Term> ways = new ArrayList<>();
    ways.add(terms.concat(head, tail));
    if (head.isNullable) {
      ways.add(behind[place]);
    }
    if (tail.isNullable) {
      ways.add(part[place]);
    }
    if (part[place].isNullable && behind[place].isNullable) {
      ways.add(terms.emptyString);
    }
    return terms.union(ways);
  }

  private static Term repeat(Terms terms, Pattern.Repeat repeat, boolean atStart, boolean atEnd) {
    Term middle = lower(terms, repeat.part(), false, false);
    if (!hasAnchor(repeat.part())) {
      return terms.repeat(middle, repeat.min(), repeat.max());
    }
    Term only = lower(terms, repeat.part(), atStart, atEnd);
    Term first = lower(terms, repeat.part(), atStart, false);
    Term last = lower(terms, repeat.part(), false, atEnd);
    // A round that may be empty at an end of the text may be taken any number of times. Where it
    // may
    // be so at both ends alike, only the empty text is meant.
    int min = first.isNullable || last.isNullable ? 0 : repeat.min();
    List<Term> ways = new ArrayList<>();
    if (repeat.min() == 0 || only.isNullable) {
      ways.add(terms.emptyString);
    }
    if (min <= 1 && repeat.max() >= 1) {
      ways.add(only);
    }
    if (repeat.max() >= 2) {
      int most = repeat.max() == Term.UNBOUNDED ? Term.UNBOUNDED : repeat.max() - 2;
      ways.add(
          terms.concat(
              first, terms.concat(terms.repeat(middle, Math.max(0, min - 2), most), last)));
    }
    return terms.union(ways);
  }

  private static boolean hasAnchor(Pattern tree) {
    if (tree instanceof Pattern.Sequence sequence) {
      return sequence.parts().stream().anyMatch(Patterns::hasAnchor);
    }
    if (tree instanceof Pattern.Choice choice) {
      return choice.parts().stream().anyMatch(Patterns::hasAnchor);
    }
    return tree instanceof Pattern.Repeat repeat
        ? hasAnchor(repeat.part())
        : !(tree instanceof Pattern.Chars);
  }
}
