package io.github.gptoss.engine.constraint.text;

import java.util.List;

/** The syntax tree of a pattern. */
sealed interface Pattern {
  /** One code point of a set. */
  record Chars(CodePoints set) implements Pattern {}

  /** One after another; of none, the empty string. */
  record Sequence(List<Pattern> parts) implements Pattern {}

  /** Any of them. */
  record Choice(List<Pattern> parts) implements Pattern {}

  /** {@code max} is {@link Term#UNBOUNDED} where there is no upper bound. */
  record Repeat(Pattern part, int min, int max) implements Pattern {}

  /** The beginning of the text. */
  record Start() implements Pattern {}

  /** The end of the text. */
  record End() implements Pattern {}
}
