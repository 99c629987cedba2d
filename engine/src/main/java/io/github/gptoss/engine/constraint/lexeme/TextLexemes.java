package io.github.gptoss.engine.constraint.lexeme;

import io.github.gptoss.engine.constraint.text.Term;
import io.github.gptoss.engine.constraint.text.Terms;
import java.util.HashMap;
import java.util.Map;

/**
 * The automata over bytes of texts that match a term and have a length: UTF-8, and JSON's escapes
 * where the text is a JSON string.
 */
public final class TextLexemes {
  public static final int UNBOUNDED = Integer.MAX_VALUE;

  /** More states than texts usually reach; about 20 MB. */
  private static final int MAX_STATES = 16_384;

  /** Strings without any condition, shared by all constraints. */
  private static final TextLexemes SHARED = new TextLexemes();

  final Terms terms;

  private record Key(
      Spelling spelling, TextLexeme.Place place, Term term, int min, int max, int low, int high) {}

  private final Map<Key, TextLexeme> states = new HashMap<>();

  /** The most characters that a state of a text with a greatest length needs to be completed. */
  private int mostToComplete;

  private TextLexemes() {
    this(new Terms());
  }

  /** Uses the terms of a constraint; both are guarded by this object's lock from now on. */
  public TextLexemes(Terms terms) {
    this.terms = terms;
  }

  /**
   * The state before the first character, behind the opening quotation mark where there is one.
   *
   * @param min the least number of code points of the decoded text
   * @param max the greatest one, {@link #UNBOUNDED} for none
   * @return null if no text matches
   */
  public synchronized Lexeme start(Spelling spelling, Term term, int min, int max) {
    return start(spelling, term, min, max, UNBOUNDED);
  }

  /**
   * As {@link #start(Spelling, Term, int, int)} of a term of which something is known.
   *
   * @param toComplete the most characters that any state of the term needs to be completed
   */
  public synchronized Lexeme start(Spelling spelling, Term term, int min, int max, int toComplete) {
    if (max != UNBOUNDED) {
      mostToComplete = Math.max(mostToComplete, toComplete);
    }
    return content(spelling, term, min, max);
  }

  synchronized TextLexeme withoutFarEnd(TextLexeme lexeme, Term term, int characters) {
    return lexeme.max() - characters >= mostToComplete
        ? content(lexeme.spelling(), term, 0, UNBOUNDED)
        : lexeme;
  }

  /** The state between two characters; null if no text can be completed from there. */
  TextLexeme content(Spelling spelling, Term term, int min, int max) {
    if (term == terms.any() && min == 0 && max == UNBOUNDED && this != SHARED) {
      return SHARED.shared(spelling);
    }
    return terms.isAlive(term, min, max)
        ? state(spelling, TextLexeme.Place.CONTENT, term, min, max, 0, 0)
        : null;
  }

  /** The state of strings without any condition. */
  public static Lexeme any(Spelling spelling) {
    return SHARED.shared(spelling);
  }

  private synchronized TextLexeme shared(Spelling spelling) {
    return content(spelling, terms.any(), 0, UNBOUNDED);
  }

  TextLexeme state(
      Spelling spelling, TextLexeme.Place place, Term term, int min, int max, int low, int high) {
    Key key = new Key(spelling, place, term, min, max, low, high);
    TextLexeme known = states.get(key);
    if (known == null) {
      if (states.size() == MAX_STATES) {
        states.values().forEach(Lexeme::forget);
        states.clear();
      }
      known = new TextLexeme(this, spelling, place, term, min, max, low, high);
      states.put(key, known);
    }
    return known;
  }
}
