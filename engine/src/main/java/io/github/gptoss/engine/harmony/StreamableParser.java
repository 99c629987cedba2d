package io.github.gptoss.engine.harmony;

import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.engine.tokenizer.SpecialTokens;
import io.github.gptoss.engine.tokenizer.TokenList;
import io.github.gptoss.engine.tokenizer.Tokenizer;
import io.github.gptoss.engine.tokenizer.Utf8Decoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Parses Harmony as it is generated, one token id at a time; content is decoded from the ids, so
 * that text which merely looks like a marker stays text. Costs O(1) a token, apart from headers.
 * Not thread-safe.
 */
public final class StreamableParser {
  /** Where in a message the parser is. */
  public enum State {
    EXPECT_START,
    HEADER,
    CONTENT
  }

  private final Tokenizer tokenizer = Tokenizer.o200kHarmony();
  private final ParseMode mode;
  private final List<Message> messages = new ArrayList<>();
  private final StringBuilder content = new StringBuilder();
  private final Utf8Decoder decoder = new Utf8Decoder();

  private State state;
  private Role givenRole; // of the message that was begun before the first token; null after it
  private TokenList headerTokens = new TokenList();
  private Header header; // null outside content
  private MessageKind kind; // null outside content
  private boolean inAnalysis;
  private int deltaStart;
  private boolean salvaged;
  private String error;

  /**
   * @param role author of the message whose beginning was in the prompt, for completions {@link
   *     Role#ASSISTANT}; null if the tokens begin with {@code <|start|>}
   */
  public StreamableParser(Role role, ParseMode mode) {
    this.mode = mode;
    this.givenRole = role;
    this.state = role == null ? State.EXPECT_START : State.HEADER;
  }

  /**
   * Takes the next token.
   *
   * @throws InvalidRequestException {@code malformed_completion}, or {@code invalid_tokens} for an
   *     id outside the vocabulary; never in mode {@link ParseMode#BEST_EFFORT}. The parser is of no
   *     use afterwards.
   */
  public void process(int token) {
    deltaStart = content.length();
    if (mode == ParseMode.BEST_EFFORT && (token < 0 || token >= Tokenizer.VOCABULARY_SIZE)) {
      salvage("a token id is outside the vocabulary");
      return;
    }
    switch (state) {
      case EXPECT_START -> expectStart(token);
      case HEADER -> processHeader(token);
      case CONTENT -> processContent(token);
    }
  }

  /**
   * Ends the input; content that was not ended becomes a message.
   *
   * @throws InvalidRequestException {@code malformed_completion} within a header; never in mode
   *     {@link ParseMode#BEST_EFFORT}
   */
  public void processEos() {
    deltaStart = content.length();
    if (state == State.CONTENT) {
      endMessage();
    } else if (state == State.HEADER) {
      fail("the tokens end within a header");
      endUnfinishedHeader();
    }
  }

  private void expectStart(int token) {
    if (token == SpecialTokens.START) {
      beginHeader();
      return;
    }
    if (mode == ParseMode.BEST_EFFORT && SpecialTokens.endsMessage(token)) {
      salvage("a message ends twice");
      return;
    }
    fail("something other than <|start|> follows a message");
    beginHeader();
    if (token == SpecialTokens.MESSAGE) {
      processHeader(token);
    } else {
      headerTokens.add(token);
    }
  }

  private void processHeader(int token) {
    if (token == SpecialTokens.MESSAGE) {
      header = readHeader();
      givenRole = null;
      kind = MessageKind.of(header.author().role(), header.channel(), header.recipient());
      inAnalysis = Channel.ANALYSIS.equals(header.channel());
      headerTokens = new TokenList();
      state = State.CONTENT;
    } else if (mode != ParseMode.STRICT && SpecialTokens.endsMessage(token)) {
      salvage("a message ends within its header");
      endUnfinishedHeader();
    } else if (mode == ParseMode.BEST_EFFORT && token == SpecialTokens.START) {
      salvage("a message begins within a header");
      endUnfinishedHeader();
      beginHeader();
    } else {
      headerTokens.add(token);
    }
  }

  private void processContent(int token) {
    if (SpecialTokens.endsMessage(token)) {
      endMessage();
    } else if (mode == ParseMode.BEST_EFFORT && isHeaderMarker(token)) {
      leaveContent(token);
    } else {
      tokenizer.decode(token, decoder, content);
    }
  }

  private static boolean isHeaderMarker(int token) {
    return token == SpecialTokens.START
        || token == SpecialTokens.CHANNEL
        || token == SpecialTokens.CONSTRAIN
        || token == SpecialTokens.MESSAGE;
  }

  /** The model forgot {@code <|end|>}: users' text never becomes a marker, so it meant this one. */
  private void leaveContent(int marker) {
    salvage("a message does not end before the next one begins");
    decoder.finish(content);
    if (content.isEmpty() && marker == SpecialTokens.MESSAGE) {
      return; // said twice
    }
    Role role = header.author().role();
    if (content.isEmpty()) {
      dropMessage();
    } else {
      endMessage();
    }
    beginHeader();
    if (marker != SpecialTokens.START) {
      givenRole = role;
      processHeader(marker);
    }
  }

  private void beginHeader() {
    headerTokens = new TokenList();
    state = State.HEADER;
  }

  private Header readHeader() {
    if (mode != ParseMode.BEST_EFFORT) {
      return HeaderParser.parse(headerText(), givenRole);
    }
    try {
      return HeaderParser.parse(headerText(), givenRole);
    } catch (InvalidRequestException e) {
      salvage(e);
      return HeaderParser.salvage(tokenizer.decode(headerTokens.toArray()), givenRole);
    }
  }

  /** Turns a header without {@code <|message|>} into a message, if there is anything to keep. */
  private void endUnfinishedHeader() {
    Header unfinished = readUnfinishedHeader();
    state = State.EXPECT_START;
    givenRole = null;
    headerTokens = new TokenList();
    if (unfinished != null) {
      add(unfinished, unfinished.rest() == null ? "" : unfinished.rest());
    }
  }

  private Header readUnfinishedHeader() {
    if (headerTokens.size() == 0) {
      return null;
    }
    if (mode == ParseMode.LENIENT) {
      return givenRole == null ? null : HeaderParser.parseUnfinished(headerText(), givenRole);
    }
    Header kept =
        HeaderParser.salvageUnfinished(tokenizer.decode(headerTokens.toArray()), givenRole);
    return kept.rest() == null ? null : kept;
  }

  /** Throws unless all of it is UTF-8: what is half a character is not a name. */
  private String headerText() {
    byte[] bytes = tokenizer.decodeToBytes(headerTokens.toArray());
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw HarmonyErrors.malformed("a header is not UTF-8");
    }
  }

  private void endMessage() {
    decoder.finish(content);
    add(header, content.toString());
    dropMessage();
  }

  private void dropMessage() {
    content.setLength(0);
    deltaStart = 0;
    header = null;
    kind = null;
    inAnalysis = false;
    state = State.EXPECT_START;
  }

  private void add(Header of, String text) {
    messages.add(
        new Message(
            of.author(),
            List.of(new TextContent(text)),
            of.channel(),
            of.recipient(),
            of.contentType()));
  }

  private void fail(String problem) {
    if (mode != ParseMode.BEST_EFFORT) {
      throw HarmonyErrors.malformed(problem);
    }
    salvage(problem);
  }

  private void salvage(String problem) {
    salvage(HarmonyErrors.malformed(problem));
  }

  private void salvage(InvalidRequestException problem) {
    salvaged = true;
    if (error == null) {
      error = problem.getMessage();
    }
  }

  /** The messages that are complete. */
  public List<Message> messages() {
    return List.copyOf(messages);
  }

  public State state() {
    return state;
  }

  /** Whether the current content is reasoning; a field read, for use at every token. */
  public boolean inAnalysis() {
    return inAnalysis;
  }

  /** What the current content is for; null outside content. */
  public MessageKind currentKind() {
    return kind;
  }

  /** Whether anything malformed had to be mended so far. */
  public boolean salvaged() {
    return salvaged;
  }

  /** The first malformation that was mended, or null. */
  public String error() {
    return error;
  }

  /** The current message's role, or null if it is not known yet. */
  public Role currentRole() {
    return header == null ? givenRole : header.author().role();
  }

  /** The current content's channel, or null. */
  public String currentChannel() {
    return header == null ? null : header.channel();
  }

  /** The current content's recipient, or null. */
  public String currentRecipient() {
    return header == null ? null : header.recipient();
  }

  /** The current content's type, or null. */
  public String currentContentType() {
    return header == null ? null : header.contentType();
  }

  /** The current message's content so far, without a character that is not complete. */
  public String currentContent() {
    return content.toString();
  }

  /** The content that the last token completed, or null if it completed none. */
  public String lastContentDelta() {
    return deltaStart < content.length() ? content.substring(deltaStart) : null;
  }
}
