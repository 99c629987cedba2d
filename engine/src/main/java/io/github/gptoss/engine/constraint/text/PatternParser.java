package io.github.gptoss.engine.constraint.text;

import java.util.ArrayList;
import java.util.List;

/**
 * Parses a regular expression of ECMA-262 with the u flag. Groups only group, lazy quantifiers are
 * as greedy ones, since only the language counts. An escaped ASCII punctuation character is itself,
 * also where the u flag would refuse the escape: patterns written for other dialects use it.
 */
final class PatternParser {
  private static final int END = -1;
  private static final int MAX_DEPTH = 200;
  private static final int MAX_CHARS = 8_192;
  private static final CodePoints DIGITS = CodePoints.range('0', '9');
  private static final CodePoints WORD =
      DIGITS
          .or(CodePoints.range('a', 'z'))
          .or(CodePoints.range('A', 'Z'))
          .or(CodePoints.range('_', '_'));
  private static final CodePoints LINE_ENDS = CodePoints.of("\n\r\u2028\u2029");

  /** WhiteSpace and LineTerminator of ECMA-262. */
  private static final CodePoints SPACE =
      CodePoints.of("\t\u000B\f \u00A0\uFEFF\u1680\u202F\u205F\u3000")
          .or(CodePoints.range(0x2000, 0x200A))
          .or(LINE_ENDS);

  private final int[] pattern;
  private int at;
  private int depth;

  private PatternParser(String pattern) {
    this.pattern = pattern.codePoints().toArray();
  }

  static Pattern parse(String pattern) throws PatternException {
    if (pattern.length() > MAX_CHARS) {
      throw new PatternException(true, "more than " + MAX_CHARS + " characters");
    }
    PatternParser parser = new PatternParser(pattern);
    Pattern tree = parser.choice();
    if (parser.at < parser.pattern.length) {
      throw parser.invalid("an unmatched )");
    }
    return tree;
  }

  private PatternException invalid(String problem) {
    return new PatternException(false, problem + " at character " + (at + 1));
  }

  private PatternException unsupported(String what) {
    return new PatternException(true, what + " at character " + (at + 1));
  }

  private int peek() {
    return peek(0);
  }

  private int peek(int ahead) {
    return at + ahead < pattern.length ? pattern[at + ahead] : END;
  }

  private boolean skip(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (peek(i) != text.charAt(i)) {
        return false;
      }
    }
    at += text.length();
    return true;
  }

  private Pattern choice() throws PatternException {
    if (++depth > MAX_DEPTH) {
      throw unsupported("more than " + MAX_DEPTH + " nested groups");
    }
    List<Pattern> branches = new ArrayList<>();
    do {
      branches.add(sequence());
    } while (skip("|"));
    depth--;
    return branches.size() == 1 ? branches.get(0) : new Pattern.Choice(branches);
  }

  private Pattern sequence() throws PatternException {
    List<Pattern> parts = new ArrayList<>();
    while (peek() != END && peek() != '|' && peek() != ')') {
      boolean isAnchor = peek() == '^' || peek() == '$';
      Pattern atom = atom();
      parts.add(quantified(atom, isAnchor));
    }
    return parts.size() == 1 ? parts.get(0) : new Pattern.Sequence(parts);
  }

  private Pattern quantified(Pattern atom, boolean isAnchor) throws PatternException {
    int min;
    int max;
    switch (peek()) {
      case '*' -> {
        at++;
        min = 0;
        max = Term.UNBOUNDED;
      }
      case '+' -> {
        at++;
        min = 1;
        max = Term.UNBOUNDED;
      }
      case '?' -> {
        at++;
        min = 0;
        max = 1;
      }
      case '{' -> {
        at++;
        min = count();
        max = min;
        if (skip(",")) {
          max = peek() == '}' ? Term.UNBOUNDED : count();
        }
        if (!skip("}")) {
          throw invalid("an unfinished quantifier");
        }
        if (max < min) {
          throw invalid("a quantifier whose bounds are out of order");
        }
      }
      default -> {
        return atom;
      }
    }
    skip("?");
    if (isAnchor) {
      throw invalid("a quantifier after ^ or $");
    }
    if (peek() == '*' || peek() == '+' || peek() == '?' || peek() == '{') {
      throw invalid("two quantifiers, one after another,");
    }
    return new Pattern.Repeat(atom, min, max);
  }

  private int count() throws PatternException {
    int from = at;
    long count = 0;
    while (peek() >= '0' && peek() <= '9') {
      count = Math.min(Term.UNBOUNDED - 1, count * 10 + pattern[at++] - '0');
    }
    if (at == from) {
      throw invalid("a { that begins no quantifier");
    }
    return (int) count;
  }

  private Pattern atom() throws PatternException {
    int c = peek();
    switch (c) {
      case '^' -> {
        at++;
        return new Pattern.Start();
      }
      case '$' -> {
        at++;
        return new Pattern.End();
      }
      case '.' -> {
        at++;
        return new Pattern.Chars(LINE_ENDS.not());
      }
      case '(' -> {
        return group();
      }
      case '[' -> {
        at++;
        return new Pattern.Chars(charClass());
      }
      case '\\' -> {
        return new Pattern.Chars(escape());
      }
      case '*', '+', '?', '{' -> throw invalid("a quantifier with nothing to repeat");
      case ']', '}' -> throw invalid("an unmatched " + Character.toString(c));
      default -> {
        at++;
        return new Pattern.Chars(CodePoints.range(c, c));
      }
    }
  }

  private Pattern group() throws PatternException {
    at++;
    if (skip("?")) {
      if (peek() == '=' || peek() == '!') {
        throw unsupported("a lookahead");
      }
      if (peek() == '<' && (peek(1) == '=' || peek(1) == '!')) {
        throw unsupported("a lookbehind");
      }
      if (skip("<")) {
        groupName();
      } else if (!skip(":")) {
        throw invalid("an unknown kind of group");
      }
    }
    Pattern inner = choice();
    if (!skip(")")) {
      throw invalid("an unclosed (");
    }
    return inner;
  }

  private void groupName() throws PatternException {
    int from = at;
    while (Character.isUnicodeIdentifierPart(Math.max(0, peek())) || peek() == '$') {
      at++;
    }
    if (at == from || !skip(">")) {
      throw invalid("an unfinished group name");
    }
  }

  /** An escape outside a class; the backslash is the next character. */
  private CodePoints escape() throws PatternException {
    int c = peek(1);
    if (c == 'b' || c == 'B') {
      throw unsupported("a word boundary");
    }
    if (c >= '1' && c <= '9' || c == 'k') {
      throw unsupported("a backreference");
    }
    return classEscape();
  }

  /** An escape as inside a class, without \b, which the callers tell apart. */
  private CodePoints classEscape() throws PatternException {
    at++;
    int c = peek();
    if (c == END) {
      throw invalid("a \\ at the end");
    }
    if (c == 'p' || c == 'P') {
      throw unsupported("a Unicode property");
    }
    at++;
    return switch (c) {
      case 'd' -> DIGITS;
      case 'D' -> DIGITS.not();
      case 'w' -> WORD;
      case 'W' -> WORD.not();
      case 's' -> SPACE;
      case 'S' -> SPACE.not();
      default -> {
        int codePoint = character(c);
        yield CodePoints.range(codePoint, codePoint);
      }
    };
  }

  private int character(int escaped) throws PatternException {
    switch (escaped) {
      case 't':
        return '\t';
      case 'n':
        return '\n';
      case 'v':
        return 0x0B;
      case 'f':
        return '\f';
      case 'r':
        return '\r';
      case '0':
        if (peek() >= '0' && peek() <= '9') {
          throw invalid("an octal escape");
        }
        return 0;
      case 'c':
        int letter = peek() | 0x20;
        if (letter < 'a' || letter > 'z') {
          throw invalid("an unfinished \\c");
        }
        at++;
        return letter & 0x1F;
      case 'x':
        return hex(2);
      case 'u':
        return unicode();
      default:
        if (escaped < 0x80 && !Character.isLetterOrDigit(escaped)) {
          return escaped;
        }
        throw invalid("an unknown escape");
    }
  }

  private int unicode() throws PatternException {
    if (skip("{")) {
      int from = at;
      int codePoint = 0;
      while (peek() != END && Character.digit(peek(), 16) >= 0 && codePoint <= CodePoints.LAST) {
        codePoint = codePoint * 16 + Character.digit(pattern[at++], 16);
      }
      if (at == from || codePoint > CodePoints.LAST || !skip("}")) {
        throw invalid("a wrong \\u{...}");
      }
      return codePoint;
    }
    int unit = hex(4);
    if (Character.isHighSurrogate((char) unit) && peek() == '\\' && peek(1) == 'u') {
      int back = at;
      at += 2;
      int low = peek() == '{' ? 0 : hex(4);
      if (Character.isLowSurrogate((char) low)) {
        return Character.toCodePoint((char) unit, (char) low);
      }
      at = back;
    }
    return unit;
  }

  private int hex(int digits) throws PatternException {
    int value = 0;
    for (int i = 0; i < digits; i++) {
      int digit = peek() >= 0x80 ? -1 : Character.digit(peek(), 16);
      if (digit < 0) {
        throw invalid("an escape with too few hexadecimal digits");
      }
      value = value * 16 + digit;
      at++;
    }
    return value;
  }

  private CodePoints charClass() throws PatternException {
    boolean isComplement = skip("^");
    CodePoints set = CodePoints.NONE;
    while (!skip("]")) {
      if (peek() == END) {
        throw invalid("an unclosed [");
      }
      boolean isSet = peek() == '\\' && "dDwWsS".indexOf(peek(1)) >= 0;
      int first = isSet ? END : member();
      CodePoints members = isSet ? classEscape() : CodePoints.range(first, first);
      if (peek() == '-' && peek(1) != ']' && peek(1) != END) {
        at++;
        if (isSet || peek() == '\\' && "dDwWsS".indexOf(peek(1)) >= 0) {
          throw invalid("a class as an end of a range");
        }
        int last = member();
        if (last < first) {
          throw invalid("a range whose ends are out of order");
        }
        members = CodePoints.range(first, last);
      }
      set = set.or(members);
    }
    return isComplement ? set.not() : set;
  }

  /** One character of a class, which may be the end of a range. */
  private int member() throws PatternException {
    if (peek() != '\\') {
      return pattern[at++];
    }
    if (peek(1) == 'b') {
      at += 2;
      return '\b';
    }
    if (peek(1) == 'p' || peek(1) == 'P') {
      throw unsupported("a Unicode property");
    }
    if (peek(1) == END) {
      throw invalid("a \\ at the end");
    }
    at += 2;
    return character(pattern[at - 1]);
  }
}
