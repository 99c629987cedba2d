package io.github.gptoss.engine.constraint.lexeme;

import io.github.gptoss.engine.constraint.text.Term;

/** One state of a text: what is left of its term and its length, and the place in a character. */
public final class TextLexeme extends Lexeme {
  private static final int HIGH_SURROGATES = 0xD800;
  private static final int LOW_SURROGATES = 0xDC00;
  private static final int LAST_SURROGATE = 0xDFFF;

  /** More than the letters and digits of ASCII. */
  private static final int BROAD = 100;

  enum Place {
    /** Between two characters. */
    CONTENT,
    /** Inside a UTF-8 sequence that may still become {@code low} to {@code high}. */
    UTF8,
    /** Inside a UTF-8 sequence of which {@code low} bytes are missing, whatever they are. */
    TAIL,
    /** Behind a backslash. */
    ESCAPE,
    /**
     * Behind the u of an escape and some digits; the code unit may become {@code low} to {@code
     * high}.
     */
    HEX,
    /** Behind the escape of the high surrogate {@code low}. */
    PAIR_BACKSLASH,
    /** Behind that and a backslash. */
    PAIR_U,
    /** Behind that and its u: a D has to follow. */
    PAIR_D,
    /** Behind that and the D. */
    PAIR_QUARTER,
    /** Behind two digits of a low surrogate: the character may become low to high. */
    PAIR_HEX
  }

  private final TextLexemes owner;
  private final Spelling spelling;
  private final Place place;
  private final Term term;
  private final int min;
  private final int max;
  private final int low;
  private final int high;
  private final boolean isBroad;

  TextLexeme(
      TextLexemes owner,
      Spelling spelling,
      Place place,
      Term term,
      int min,
      int max,
      int low,
      int high) {
    super(
        owner, spelling == Spelling.RAW && place == Place.CONTENT && min == 0 && term.isNullable());
    this.owner = owner;
    this.spelling = spelling;
    this.place = place;
    this.term = term;
    this.min = min;
    this.max = max;
    this.low = low;
    this.high = high;
    isBroad = max > 0 && owner.terms.width(term) >= BROAD;
  }

  @Override
  public boolean isQuoted() {
    return spelling != Spelling.RAW;
  }

  @Override
  public boolean isBroad() {
    return place == Place.CONTENT && isBroad;
  }

  @Override
  public boolean isBetweenCharacters() {
    return place == Place.CONTENT;
  }

  /** Whether any characters may follow, as far as the length allows them. */
  public boolean isOpen() {
    synchronized (owner) {
      return place == Place.CONTENT && owner.terms.isOpen(term);
    }
  }

  /** Whether only the length says which characters may follow. */
  public boolean isAny() {
    return place == Place.CONTENT && term == owner.terms.any();
  }

  /**
   * The state without an upper bound of the length, where none of the next characters can feel the
   * bound; otherwise this state.
   */
  public TextLexeme withoutFarEnd(int characters) {
    return place == Place.CONTENT && min == 0 && max != TextLexemes.UNBOUNDED
        ? owner.withoutFarEnd(this, term, characters)
        : this;
  }

  public Spelling spelling() {
    return spelling;
  }

  /** The fewest characters that have to follow. */
  public int min() {
    return min;
  }

  /** The most characters that may follow. */
  public int max() {
    return max;
  }

  @Override
  Lexeme after(int b) {
    return switch (place) {
      case CONTENT -> spelling == Spelling.RAW ? utf8(b) : quoted(b);
      case UTF8 -> utf8Next(b);
      case TAIL -> (b & 0xC0) == 0x80 ? tail(term, low - 1) : null;
      case ESCAPE -> escaped(b);
      case HEX -> hex(b);
      case PAIR_BACKSLASH -> b == '\\' ? at(Place.PAIR_U, low, high) : null;
      case PAIR_U -> b == 'u' ? at(Place.PAIR_D, low, high) : null;
      case PAIR_D -> b == 'D' || b == 'd' ? at(Place.PAIR_QUARTER, low, high) : null;
      case PAIR_QUARTER -> pairQuarter(b);
      case PAIR_HEX -> pairHex(b);
    };
  }

  private TextLexeme at(Place next, int newLow, int newHigh) {
    return owner.state(spelling, next, term, min, max, newLow, newHigh);
  }

  private Lexeme quoted(int b) {
    if (b == '"') {
      return min == 0 && term.isNullable() ? CLOSED : null;
    }
    if (b == '\\') {
      return canEscape() ? at(Place.ESCAPE, 0, 0) : null;
    }
    return b < 0x20 ? null : utf8(b);
  }

  /** The state behind a whole character. */
  private TextLexeme behind(int codePoint) {
    return max == 0 ? null : content(owner.terms.after(term, codePoint));
  }

  private TextLexeme content(Term rest) {
    return owner.content(spelling, rest, lessOne(min), lessOne(max));
  }

  private static int lessOne(int count) {
    return count == TextLexemes.UNBOUNDED || count == 0 ? count : count - 1;
  }

  private boolean canBe(int first, int last) {
    return max > 0
        && owner.terms.anyAfter(
            term, first, last, rest -> owner.terms.isAlive(rest, lessOne(min), lessOne(max)));
  }

  private Lexeme utf8(int b) {
    if (b < 0x80) {
      return behind(b);
    }
    if (b < 0xC2 || b > 0xF4) {
      return null;
    }
    if (b < 0xE0) {
      return sequence((b & 0x1F) << 6, 1);
    }
    return b < 0xF0 ? sequence((b & 0xF) << 12, 2) : sequence((b & 7) << 18, 3);
  }

  /** The state inside a sequence that begins a block of code points. */
  private Lexeme sequence(int first, int missing) {
    int last = first + (1 << 6 * missing) - 1;
    int shortest = missing == 1 ? 0x80 : missing == 2 ? 0x800 : 0x10000;
    return inside(
        Math.max(first, shortest),
        first == 0xD000 ? HIGH_SURROGATES - 1 : Math.min(last, Character.MAX_CODE_POINT),
        missing);
  }

  private Lexeme inside(int first, int last, int missing) {
    if (max == 0) {
      return null;
    }
    if (last - first == (1 << 6 * missing) - 1) {
      Term only = owner.terms.onlyAfter(term, first, last);
      if (only != null) {
        return owner.terms.isAlive(only, lessOne(min), lessOne(max)) ? tail(only, missing) : null;
      }
    }
    return canBe(first, last) ? at(Place.UTF8, first, last) : null;
  }

  /** Behind some bytes of a character after which {@code rest} is left, whichever it becomes. */
  private Lexeme tail(Term rest, int missing) {
    if (missing == 0) {
      return place == Place.TAIL ? owner.content(spelling, rest, min, max) : content(rest);
    }
    boolean isInside = place == Place.TAIL;
    return owner.state(
        spelling,
        Place.TAIL,
        rest,
        isInside ? min : lessOne(min),
        isInside ? max : lessOne(max),
        missing,
        0);
  }

  private Lexeme utf8Next(int b) {
    if ((b & 0xC0) != 0x80) {
      return null;
    }
    int missing = high - low < 1 << 6 ? 1 : high - low < 1 << 12 ? 2 : 3;
    int bits = 6 * missing;
    int span = bits - 6;
    int first = (low >> bits << bits) + ((b & 0x3F) << span);
    int from = Math.max(first, low);
    int to = Math.min(first + (1 << span) - 1, high);
    if (from > to) {
      return null;
    }
    return span == 0 ? behind(from) : inside(from, to, missing - 1);
  }

  private boolean canEscape() {
    return spelling == Spelling.FREE
        ? canBe(0, Character.MAX_CODE_POINT)
        : canBe(0, 0x1F) || canBe('"', '"') || canBe('\\', '\\');
  }

  private Lexeme escaped(int b) {
    return switch (b) {
      case '"', '\\' -> behind(b);
      case '/' -> spelling == Spelling.FREE ? behind(b) : null;
      case 'b' -> behind('\b');
      case 'f' -> behind('\f');
      case 'n' -> behind('\n');
      case 'r' -> behind('\r');
      case 't' -> behind('\t');
      case 'u' -> unit(0, 0xFFFF);
      default -> null;
    };
  }

  /** The state in which the digits so far leave the code units first to last. */
  private Lexeme unit(int first, int last) {
    boolean isPossible =
        spelling == Spelling.FREE
            ? canBe(first, Math.min(last, HIGH_SURROGATES - 1))
                || canBe(Math.max(first, LAST_SURROGATE + 1), last)
                || canBePair(first, last)
            : canBe(first, Math.min(last, 0x1F));
    return isPossible ? at(Place.HEX, first, last) : null;
  }

  private boolean canBePair(int first, int last) {
    int from = Math.max(first, HIGH_SURROGATES);
    int to = Math.min(last, LOW_SURROGATES - 1);
    return from <= to && canBe(pairs(from), pairs(to) + 0x3FF);
  }

  /** The first character whose escape begins with a high surrogate. */
  private static int pairs(int highSurrogate) {
    return 0x10000 + (highSurrogate - HIGH_SURROGATES << 10);
  }

  private static int digit(int b) {
    return b < 0x80 ? Character.digit(b, 16) : -1;
  }

  private Lexeme hex(int b) {
    int digit = digit(b);
    if (digit < 0) {
      return null;
    }
    int width = (high - low + 1) / 16;
    int first = low + digit * width;
    if (width > 1) {
      return unit(first, first + width - 1);
    }
    if (first >= HIGH_SURROGATES && first < LOW_SURROGATES) {
      return canBePair(first, first)
          ? at(Place.PAIR_BACKSLASH, pairs(first), pairs(first) + 0x3FF)
          : null;
    }
    boolean isLow = first >= LOW_SURROGATES && first <= LAST_SURROGATE;
    return isLow || spelling == Spelling.CANONICAL && first > 0x1F ? null : behind(first);
  }

  /** The third and the fourth digit of a low surrogate. */
  private Lexeme pairHex(int b) {
    int digit = digit(b);
    if (digit < 0) {
      return null;
    }
    int width = (high - low + 1) / 16;
    int first = low + digit * width;
    return width == 1 ? behind(first) : narrowed(first, first + width - 1);
  }

  /** The second digit of a low surrogate, C to F. */
  private Lexeme pairQuarter(int b) {
    int quarter = digit(b) - 0xC;
    return quarter < 0 ? null : narrowed(low + quarter * 0x100, low + quarter * 0x100 + 0xFF);
  }

  private Lexeme narrowed(int first, int last) {
    return canBe(first, last) ? at(Place.PAIR_HEX, first, last) : null;
  }
}
