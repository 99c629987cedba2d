package io.github.gptoss.engine.harmony;

import io.github.gptoss.engine.error.InvalidRequestException;
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
  private String text; // the header without its channel
  private String channel;
  private String recipient;
  private String contentType;

  private HeaderParser(Role role) {
    this.role = role;
  }

  /**
   * Reads the header of a message that has a {@code <|message|>}.
   *
   * @param role the author's role if it was given beforehand, else null
   * @throws InvalidRequestException {@code malformed_completion}
   */
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

  /**
   * Reads a header that ended without {@code <|message|>}: after role and channel, all is content.
   *
   * @throws InvalidRequestException {@code malformed_completion}
   */
  static Header parseUnfinished(String header, Role role) {
    HeaderParser parser = new HeaderParser(role);
    parser.split(header);
    parser.readRole();
    return parser.header();
  }

  /** Reads what it can of a header that {@link #parse} refuses. */
  static Header salvage(String header, Role role) {
    HeaderParser parser = new HeaderParser(role);
    parser.splitLoosely(header);
    parser.salvageRole();
    parser.words.removeIf(parser::takeRecipientOrType);
    return parser.header();
  }

  /**
   * As {@link #salvage}, but from the first word that means nothing in a header, all is content.
   */
  static Header salvageUnfinished(String header, Role role) {
    HeaderParser parser = new HeaderParser(role);
    parser.splitLoosely(header);
    int wordCount = parser.words.size();
    parser.salvageRole();
    int taken = 0;
    while (taken < parser.words.size() && parser.takeRecipientOrType(parser.words.get(taken))) {
      taken++;
    }
    parser.words.subList(0, taken).clear();
    String rest = parser.textAfter(wordCount - parser.words.size());
    parser.words.clear();
    Header read = parser.header();
    return new Header(read.author(), read.channel(), read.recipient(), read.contentType(), rest);
  }

  private String textAfter(int skippedWords) {
    int start = 0;
    for (int word = 0; word <= skippedWords; word++) {
      int end = start;
      while (word > 0 && end < text.length() && ASCII_WHITESPACE.indexOf(text.charAt(end)) < 0) {
        end++;
      }
      while (end < text.length() && ASCII_WHITESPACE.indexOf(text.charAt(end)) >= 0) {
        end++;
      }
      start = end;
    }
    return start == text.length() ? null : text.substring(start);
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

  /** Accepts any number of channels; the last one that has a name counts. */
  private void splitLoosely(String header) {
    StringBuilder others = new StringBuilder();
    int copied = 0;
    for (int marker = header.indexOf(CHANNEL);
        marker >= 0;
        marker = header.indexOf(CHANNEL, copied)) {
      others.append(header, copied, marker);
      copied = endOfChannel(header, marker);
      if (copied > marker + CHANNEL.length()) {
        channel = header.substring(marker + CHANNEL.length(), copied);
      }
    }
    splitWords(others.append(header, copied, header.length()).toString());
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
    text = trim(others).replace(CONSTRAIN, " " + CONSTRAIN);
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

  /** A completion speaks as the assistant unless it says otherwise, even with the markers lost. */
  private void salvageRole() {
    if (role != null) {
      dropRepeatedRole();
      return;
    }
    role = words.isEmpty() ? null : Role.fromText(words.get(0));
    if (role != null) {
      name = role == Role.TOOL ? words.get(0) : null;
      words.remove(0);
      return;
    }
    role = Role.ASSISTANT;
    if (!words.isEmpty() && words.get(0).startsWith(role.text())) {
      String glued = words.remove(0).substring(role.text().length());
      if (channel == null && Channel.isKnown(glued)) {
        channel = glued;
      } else {
        words.add(0, glued);
      }
    }
  }

  private boolean takeRecipientOrType(String word) {
    if (word.startsWith(TO)) {
      recipient = withoutTo(word);
    } else if (word.startsWith(CONSTRAIN)) {
      contentType = word;
    } else if (channel == null && Channel.isKnown(word)) {
      channel = word;
    } else {
      return false;
    }
    return true;
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
