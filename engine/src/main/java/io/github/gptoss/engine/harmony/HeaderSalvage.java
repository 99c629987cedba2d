package io.github.gptoss.engine.harmony;

import io.github.gptoss.engine.tokenizer.SpecialTokens;
import io.github.gptoss.engine.tokenizer.Tokenizer;
import io.github.gptoss.engine.tokenizer.Utf8Decoder;
import java.util.Locale;
import java.util.Set;

/**
 * Reads what it can of a header that is not well-formed. It works on token ids: special tokens cut
 * the header into pieces and are never part of a name. Of several channels the last known one
 * counts. A header that begins again with {@code <|start|>} keeps what the new attempt leaves out.
 * From the first word of a piece that means nothing in a header, the piece is content.
 */
final class HeaderSalvage {
  private static final Tokenizer TOKENIZER = Tokenizer.o200kHarmony();
  private static final String TO = "to=";
  private static final String FUNCTION_PREFIX = ToolNamespace.FUNCTIONS + ".";

  /** Bare words that tell the form of what follows; no tool is named so. */
  private static final Set<String> TYPES = Set.of("json", "code");

  /** These begin arguments, or a marker spelled out as text; none is part of a name. */
  private static final String ENDS_NAME = "{[(<\"";

  /** What no word of a header begins with. */
  private static final String FRAGMENT = "._-=";

  private Role role; // null until it is known
  private String name;
  private String channel;
  private String recipient;
  private String contentType;
  private HeaderSalvage earlier; // the attempt before the last <|start|>, or null
  private boolean awaitsRecipient; // after a "to=" that is cut off from its name
  private final StringBuilder rest = new StringBuilder();

  private String piece = "";
  private int at; // in piece
  private boolean marked; // whether the piece follows <|start|> or <|channel|>
  private String cutWord = ""; // what stands right before the last special token

  private HeaderSalvage(Role role) {
    this.role = role;
  }

  /** Reads all tokens of a header; role is null unless given, a {@code <|start|>} may precede. */
  static Header read(int[] tokens, Role role, boolean afterStart) {
    HeaderSalvage header = new HeaderSalvage(role);
    int marker = afterStart ? SpecialTokens.START : SpecialTokens.END;
    int from = 0;
    for (int i = 0; i <= tokens.length; i++) {
      if (i == tokens.length || tokens[i] >= SpecialTokens.FIRST) {
        if (marker == SpecialTokens.START && from > 0) {
          header = header.restarted();
        }
        header.readPiece(marker, decode(tokens, from, i));
        marker = i == tokens.length ? marker : tokens[i];
        from = i + 1;
      }
    }
    return header.header();
  }

  /**
   * Whether a text after a {@code <|message|>} is really the rest of the header before it, cut off
   * by that token; the marker is the special token after the text.
   */
  static boolean isHeaderText(String text, Header header, int marker) {
    if (text.isBlank()) {
      return true;
    }
    String words = withoutTypes(text.strip());
    boolean goesOn = marker == SpecialTokens.CONSTRAIN || marker == SpecialTokens.MESSAGE;
    if (goesOn && lastWord(words).startsWith(TO)) {
      return true;
    }
    String channel = header.channel() == null ? "" : header.channel();
    if (Channel.isKnown(channel + words) || (channel.isEmpty() && isRole(words))) {
      return true;
    }
    String recipient = header.recipient();
    boolean cutsName = "".equals(recipient) || "to".equals(recipient);
    boolean calls =
        MessageKind.of(header.author().role(), header.channel(), recipient)
            == MessageKind.TOOL_CALL;
    if (isName(words) && (cutsName || (calls && (goesOn || isFragment(words))))) {
      return true;
    }
    HeaderSalvage read = new HeaderSalvage(Role.ASSISTANT);
    read.readPiece(SpecialTokens.END, text);
    return read.recipient != null && read.rest.length() == 0;
  }

  private static String withoutTypes(String text) {
    String last = lastWord(text);
    return isType(last) ? text.substring(0, text.length() - last.length()).strip() : text;
  }

  /** Whether a word can only be the rest of a name that a special token has cut. */
  private static boolean isFragment(String word) {
    return !word.isEmpty() && FRAGMENT.indexOf(word.charAt(0)) >= 0;
  }

  private static String lastWord(String text) {
    int start = text.length();
    while (start > 0 && !Character.isWhitespace(text.charAt(start - 1))) {
      start--;
    }
    return text.substring(start);
  }

  private static boolean isName(String text) {
    return text.chars().noneMatch(c -> Character.isWhitespace(c) || ENDS_NAME.indexOf(c) >= 0);
  }

  /** A character that is not complete is left out. */
  private static String decode(int[] tokens, int from, int to) {
    Utf8Decoder decoder = new Utf8Decoder();
    StringBuilder text = new StringBuilder();
    for (int i = from; i < to; i++) {
      TOKENIZER.decode(tokens[i], decoder, text);
    }
    return text.toString();
  }

  private HeaderSalvage restarted() {
    HeaderSalvage next = new HeaderSalvage(null);
    next.earlier = this;
    next.cutWord = cutWord;
    next.awaitsRecipient = awaitsRecipient;
    return next;
  }

  private void readPiece(int marker, String text) {
    piece = text;
    at = 0;
    marked = marker == SpecialTokens.START || marker == SpecialTokens.CHANNEL;
    if (!joinCutChannel()) {
      switch (marker) {
        case SpecialTokens.CHANNEL -> readChannel();
        case SpecialTokens.CONSTRAIN -> readType();
        default -> readRole(marker == SpecialTokens.START);
      }
    }
    skipWhitespace();
    while (at < piece.length() && takeWord()) {
      skipWhitespace();
    }
    rest.append(piece, at, piece.length());
    cutWord = lastWord(piece);
  }

  /** A special token may stand within a channel's name. */
  private boolean joinCutChannel() {
    String begins = nameAt(0);
    boolean isCut = !cutWord.isEmpty() && Channel.isKnown(cutWord + begins);
    if (isCut) {
      channel = cutWord + begins;
      at = begins.length();
    }
    return isCut;
  }

  private void readChannel() {
    skipWhitespace();
    String candidate = nameAt(at);
    if (candidate.startsWith(TO) || awaitsRecipient || isFragment(candidate)) {
      return;
    }
    String known = knownPrefix(candidate);
    if (known != null) {
      channel = known;
      at += known.length();
    } else if (isRole(candidate)) {
      at += candidate.length();
    } else if (!candidate.isEmpty() && !hasKnownChannel()) {
      channel = candidate;
      at += candidate.length();
    }
  }

  /** Models glue text to a channel's name, as in {@code finalThe}; other names stay as they are. */
  private static String knownPrefix(String word) {
    for (String known : Channel.KNOWN) {
      if (word.startsWith(known)
          && (word.length() == known.length() || endsKnown(word.charAt(known.length())))) {
        return known;
      }
    }
    return null;
  }

  private static boolean endsKnown(char next) {
    return !Character.isLowerCase(next) && !Character.isDigit(next) && "_-.".indexOf(next) < 0;
  }

  private void readType() {
    skipWhitespace();
    int end = at;
    while (end < piece.length() && isTypeCharacter(piece.charAt(end))) {
      end++;
    }
    String type = piece.substring(at, end);
    boolean isOtherWord =
        piece.startsWith(TO, at)
            || awaitsRecipient
            || isFragment(type)
            || isFunction(type)
            || Channel.isKnown(type);
    if (!type.isEmpty() && !isOtherWord) {
      contentType = SpecialTokens.textOf(SpecialTokens.CONSTRAIN) + type;
      at = end;
    }
  }

  private static boolean isTypeCharacter(char c) {
    return Character.isLetterOrDigit(c) || "_-./+".indexOf(c) >= 0;
  }

  private void readRole(boolean afterStart) {
    skipWhitespace();
    if (piece.startsWith(Role.ASSISTANT.text(), at)) {
      readAssistant(afterStart);
      return;
    }
    String word = nameAt(at);
    if (role != null || word.isEmpty()) {
      return;
    }
    int end = at + word.length();
    Role named = Role.fromText(word);
    if (named != null && (afterStart || end == piece.length() || isAddressed(end))) {
      role = named;
    } else if (afterStart && piece.startsWith(" " + TO + Role.ASSISTANT.text(), end)) {
      role = Role.TOOL; // tools write their own name in place of a role
    } else {
      return;
    }
    name = role == Role.TOOL ? word : null;
    at = end;
  }

  /** Models repeat the role, and glue a channel to it. */
  private void readAssistant(boolean afterStart) {
    String text = Role.ASSISTANT.text();
    int end = at;
    while (piece.startsWith(text, end)) {
      end += text.length();
    }
    String glued = nameAt(end);
    boolean gluesChannel = Channel.isKnown(glued);
    if (afterStart || gluesChannel || end == piece.length() || isAddressed(end)) {
      role = role == null ? Role.ASSISTANT : role;
      channel = gluesChannel ? glued : channel;
      at = gluesChannel ? end + glued.length() : end;
    }
  }

  private boolean isAddressed(int end) {
    return piece.startsWith(" " + TO, end);
  }

  /** Takes the word where the reader stands, unless content begins there. */
  private boolean takeWord() {
    String word = nameAt(at);
    int end = at + word.length();
    boolean inHeader = marked || channel != null || recipient != null;
    if (word.startsWith(TO)) {
      recipient = word.equals(TO) ? recipient : word.substring(TO.length());
      awaitsRecipient = word.equals(TO);
    } else if (awaitsRecipient && !word.isEmpty()) {
      recipient = word;
      awaitsRecipient = false;
    } else if (at == 0 && isFragment(word) && (marked || !cutWord.isEmpty())) {
      completeRecipient(word);
    } else if (channel == null
        && Channel.isKnown(word)
        && (marked || end == piece.length() || isAddressed(end))) {
      channel = word;
    } else if (recipient == null && inHeader && isFunction(word)) {
      recipient = word;
    } else if (inHeader
        && isType(word)
        && (end == piece.length() || recipient != null || beginsJson(end))) {
      contentType = contentType == null ? word : contentType;
    } else if (!(word.equals("to") && end == piece.length() && (inHeader || at <= 1))) {
      return false; // what is more than a "to" that is cut off from its "="
    }
    at = end;
    return true;
  }

  private static boolean isFunction(String word) {
    return word.startsWith(FUNCTION_PREFIX);
  }

  private void completeRecipient(String fragment) {
    String whole = cutWord + fragment;
    recipient = whole.startsWith(TO) ? whole.substring(TO.length()) : recipient;
  }

  static boolean isType(String word) {
    return TYPES.contains(word.toLowerCase(Locale.ROOT));
  }

  private boolean beginsJson(int from) {
    int i = from;
    while (i < piece.length() && Character.isWhitespace(piece.charAt(i))) {
      i++;
    }
    return i < piece.length() && (piece.charAt(i) == '{' || piece.charAt(i) == '[');
  }

  private static boolean isRole(String word) {
    return Role.fromText(word) != null;
  }

  private String nameAt(int from) {
    int end = from;
    while (end < piece.length()
        && !Character.isWhitespace(piece.charAt(end))
        && ENDS_NAME.indexOf(piece.charAt(end)) < 0) {
      end++;
    }
    return piece.substring(from, end);
  }

  private void skipWhitespace() {
    while (at < piece.length() && Character.isWhitespace(piece.charAt(at))) {
      at++;
    }
  }

  private Header header() {
    for (HeaderSalvage before = earlier; before != null; before = before.earlier) {
      fillFrom(before);
    }
    String content = rest.toString().stripTrailing();
    return new Header(
        new Author(role == null ? Role.ASSISTANT : role, name),
        channel,
        recipient,
        contentType,
        content.isEmpty() ? null : content);
  }

  private boolean hasKnownChannel() {
    return channel != null && Channel.isKnown(channel);
  }

  /** The recipient of a call is kept only for what may be that call. */
  private void fillFrom(HeaderSalvage before) {
    boolean isAssistant = role == null || role == Role.ASSISTANT;
    boolean sameMessage =
        channel == null
            || channel.equals(before.channel)
            || (!before.hasKnownChannel() && Channel.COMMENTARY.equals(channel));
    if (!isAssistant || !sameMessage) {
      return;
    }
    channel = channel == null ? before.channel : channel;
    recipient = recipient == null ? before.recipient : recipient;
    contentType = contentType == null ? before.contentType : contentType;
    role = role == null ? before.role : role;
    if (rest.length() == 0) {
      rest.append(before.rest);
    }
  }
}
