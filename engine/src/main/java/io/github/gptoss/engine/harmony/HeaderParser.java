package io.github.gptoss.engine.harmony;

import io.github.gptoss.engine.tokenizer.SpecialTokens;
import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;

/**
 * Reads a header, for instance {@code assistant to=functions.f<|channel|>commentary
 * <|constrain|>json}. The recipient may stand before or after the channel; models do both.
 */
final class HeaderParser {
  private static final String CHANNEL = SpecialTokens.textOf(SpecialTokens.CHANNEL);
  private static final String CONSTRAIN = SpecialTokens.textOf(SpecialTokens.CONSTRAIN);
  private static final String ASCII_WHITESPACE = " \t\n\f\r";
  private static final String TO = "to=";

  private final List<String> words = new ArrayList<>();
  private Role role; // null where the header itself has to say it
  private String name;
  private String channel;
  private String recipient;
  private String contentType;

  private HeaderParser(Role role) {
    this.role = role;
  }

  /** Reads the header before a {@code <|message|>}; the role is null unless it was given before. */
  static Header parse(String header, Role role) {
    HeaderParser parser = new HeaderParser(role);
    parser.split(header);
    parser.readRole();
    parser.readRecipientAndType();
    if (!parser.words.isEmpty()) {
      throw HarmonyErrors.malformed("a header has words that are neither recipient nor type");
    }
    return parser.header();
  }

  /** Reads a header without {@code <|message|>}: after role and channel, all is content. */
  static Header parseUnfinished(String header, Role role) {
    HeaderParser parser = new HeaderParser(role);
    parser.split(header);
    parser.readRole();
    return parser.header();
  }

  private Header header() {
    String rest = words.isEmpty() ? null : String.join(" ", words);
    return new Header(new Author(role, name), channel, recipient, contentType, rest);
  }

  private void split(String header) {
    int marker = header.indexOf(CHANNEL);
    if (marker < 0) {
      splitWords(header);
      return;
    }
    int end = endOfChannel(header, marker);
    channel = header.substring(marker + CHANNEL.length(), end);
    if (channel.isEmpty()) {
      throw HarmonyErrors.malformed("a header has <|channel|> without a channel's name");
    }
    splitWords(header.substring(0, marker) + header.substring(end));
  }

  private static int endOfChannel(String header, int marker) {
    int end = marker + CHANNEL.length();
    while (end < header.length() && !endsChannel(header.charAt(end))) {
      end++;
    }
    return end;
  }

  private void splitWords(String others) {
    // A type may follow the recipient without a space: to=functions.f<|constrain|>json.
    String text = trim(others).replace(CONSTRAIN, " " + CONSTRAIN);
    StringTokenizer tokens = new StringTokenizer(text, ASCII_WHITESPACE);
    while (tokens.hasMoreTokens()) {
      words.add(tokens.nextToken());
    }
  }

  private void readRole() {
    if (role == null) {
      if (words.isEmpty()) {
        throw HarmonyErrors.malformed("a header has no role");
      }
      String first = words.get(0);
      role = Role.fromText(first);
      if (role == null && words.size() == 1 && !first.startsWith(TO)) {
        throw HarmonyErrors.malformed("a header has an unknown role");
      }
      if (role == null) {
        role = Role.TOOL; // tools write their own name in place of a role
        words.remove(0);
      }
      name = role == Role.TOOL ? first : null;
    }
    dropRepeatedRole();
  }

  private void dropRepeatedRole() {
    if (!words.isEmpty() && words.get(0).equals(role.text())) {
      words.remove(0);
    }
  }

  private void readRecipientAndType() {
    if (words.isEmpty()) {
      return;
    }
    int last = words.size() - 1;
    String lastWord = words.remove(last);
    if (lastWord.startsWith(TO) || (last == 0 && !lastWord.startsWith(CONSTRAIN))) {
      recipient = withoutTo(lastWord);
      return;
    }
    contentType = lastWord;
    if (!words.isEmpty()) {
      recipient = withoutTo(words.remove(words.size() - 1));
    }
  }

  private static String withoutTo(String word) {
    return word.startsWith(TO) ? word.substring(TO.length()) : word;
  }

  private static boolean endsChannel(char c) {
    return c == '<' || isWhitespace(c);
  }

  private static String trim(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && isWhitespace(text.charAt(start))) {
      start++;
    }
    while (end > start && isWhitespace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  /** Unicode's White_Space, which no method of Character is. */
  private static boolean isWhitespace(char c) {
    return (c >= '\t' && c <= '\r') || c == '\u0085' || Character.isSpaceChar(c);
  }
}
