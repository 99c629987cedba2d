package io.github.gptoss.engine.tokenizer;

/**
 * Splits text into the pieces that byte pairs are merged in, as the o200k pattern of OpenAI's
 * tiktoken does (tiktoken_ext/openai_public.py). Its alternatives, in order, are a word that ends
 * in lower case, a word in upper case, up to three digits, punctuation, line breaks, and spaces.
 *
 * <p>Written by hand because java.util.regex recurses on long runs and because its classes depend
 * on the JDK. Every method looks at each character a bounded number of times, so splitting is
 * linear.
 */
final class PieceScanner {
  private static final int END_OF_TEXT = -1;
  private static final byte NO_CLASS = -1; // of the end of the text: it ends every run

  private static final char LONG_S = '\u017f'; // folds to s

  private final CharacterClasses classes = CharacterClasses.instance();
  private final String text;

  PieceScanner(String text) {
    this.text = text;
  }

  /** Returns where the piece that begins at {@code start} ends; {@code start < text.length()}. */
  int endOfPiece(int start) {
    int c = codePointAt(start);
    int afterFirst = start + Character.charCount(c);
    byte first = classes.of(c);
    if (first == CharacterClasses.NUMBER) {
      return endOfNumber(afterFirst);
    }
    int word = endOfWord(start, c, first, afterFirst);
    if (word >= 0) {
      return word;
    }
    int punctuationStart = c == ' ' ? afterFirst : start;
    int punctuation = endOfPunctuation(punctuationStart);
    if (punctuation > punctuationStart) {
      return punctuation;
    }
    return endOfSpace(start);
  }

  private int endOfNumber(int afterFirst) {
    int end = afterFirst;
    for (int digits = 1; digits < 3 && classAt(end) == CharacterClasses.NUMBER; digits++) {
      end = next(end);
    }
    return end;
  }

  /**
   * A word: an optional leading character that is no letter, digit or line break; upper-case
   * letters; lower-case letters; an English contraction. Returns -1 if there is no word here.
   */
  private int endOfWord(int start, int c, byte first, int afterFirst) {
    boolean canLead =
        first != CharacterClasses.UPPER
            && first != CharacterClasses.LOWER
            && first != CharacterClasses.CASELESS
            && c != '\r'
            && c != '\n';
    int end = endOfLetters(canLead ? afterFirst : start, true);
    if (end < 0 && first == CharacterClasses.MARK) {
      // The pattern gives the optional leading character back: the mark is a word of its own.
      end = afterFirst;
    } else if (end < 0 && canLead) {
      end = endOfLetters(afterFirst, false);
    } else if (end < 0) {
      end = endOfLetters(start, false);
    }
    return end < 0 ? -1 : endOfContraction(end);
  }

  /**
   * The letters of a word, or -1. With {@code lowerEnd} the word must end in a character that may
   * be lower case, for which the pattern gives back what its upper-case run took too much.
   */
  private int endOfLetters(int start, boolean lowerEnd) {
    int end = start;
    int afterLastCaseless = -1;
    while (true) {
      byte kind = classAt(end);
      if (kind == CharacterClasses.CASELESS || kind == CharacterClasses.MARK) {
        end = next(end);
        afterLastCaseless = end;
      } else if (kind == CharacterClasses.UPPER) {
        end = next(end);
      } else if (kind == CharacterClasses.LOWER) {
        return endOfLowerCase(end);
      } else if (lowerEnd) {
        return afterLastCaseless;
      } else {
        return end > start ? end : -1;
      }
    }
  }

  private int endOfLowerCase(int start) {
    int end = start;
    while (true) {
      byte kind = classAt(end);
      if (kind != CharacterClasses.LOWER
          && kind != CharacterClasses.CASELESS
          && kind != CharacterClasses.MARK) {
        return end;
      }
      end = next(end);
    }
  }

  private int endOfContraction(int start) {
    if (charAt(start) != '\'') {
      return start;
    }
    int c = lowerCase(charAt(start + 1));
    if (c == 's' || c == 't' || c == 'm' || c == 'd') {
      return start + 2;
    }
    int d = lowerCase(charAt(start + 2));
    boolean two = (c == 'r' && d == 'e') || (c == 'v' && d == 'e') || (c == 'l' && d == 'l');
    return two ? start + 3 : start;
  }

  private int endOfPunctuation(int start) {
    int end = start;
    while (end < text.length()) {
      byte kind = classAt(end);
      if (kind != CharacterClasses.OTHER && kind != CharacterClasses.MARK) {
        break;
      }
      end = next(end);
    }
    if (end > start) {
      for (int c = charAt(end); c == '\r' || c == '\n' || c == '/'; c = charAt(end)) {
        end++;
      }
    }
    return end;
  }

  private int endOfSpace(int start) {
    int end = start;
    int afterLastBreak = -1;
    int lastSpace = start;
    while (classAt(end) == CharacterClasses.SPACE) {
      lastSpace = end;
      int c = charAt(end);
      end++; // every space character is in the basic plane
      if (c == '\r' || c == '\n') {
        afterLastBreak = end;
      }
    }
    if (afterLastBreak >= 0) {
      return afterLastBreak;
    }
    // The last space of a run belongs to the word that follows.
    return end == text.length() || lastSpace == start ? end : lastSpace;
  }

  private static int lowerCase(int c) {
    if (c == LONG_S) {
      return 's';
    }
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
  }

  private int charAt(int index) {
    return index < text.length() ? text.charAt(index) : END_OF_TEXT;
  }

  private byte classAt(int index) {
    return index < text.length() ? classes.of(codePointAt(index)) : NO_CLASS;
  }

  private int next(int index) {
    return index + Character.charCount(text.codePointAt(index));
  }

  /** A lone surrogate has no bytes in UTF-8 and counts as U+FFFD. */
  private int codePointAt(int index) {
    int c = text.codePointAt(index);
    return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xfffd : c;
  }
}
