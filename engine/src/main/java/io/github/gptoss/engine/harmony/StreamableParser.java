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
import java.util.stream.Stream;

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

  private static final String TO = "to=";
  private static final String CONSTRAIN = SpecialTokens.textOf(SpecialTokens.CONSTRAIN);

  /** Longer than any header; a bound on the text that may turn out to belong to one. */
  private static final int MAX_HEADER_CHARACTERS = 128;

  /** As {@link #MAX_HEADER_CHARACTERS}: a header that goes on is read again. */
  private static final int MAX_HEADER_TOKENS = 64;

  private final Tokenizer tokenizer = Tokenizer.o200kHarmony();
  private final ParseMode mode;
  private final List<Message> messages = new ArrayList<>();
  private final StringBuilder content = new StringBuilder();
  private final Utf8Decoder decoder = new Utf8Decoder();

  private State state;
  private Role givenRole; // of the message that was begun before the first token; null after it
  private TokenList headerTokens = new TokenList();
  private boolean startGiven; // whether <|start|> stood before the header's tokens
  private int
      pieceStart; // in headerTokens: where what follows the last <|start|> or channel begins
  private boolean interrupted; // whether headerTokens are of a header that a message's end cut off
  private Header bareCall; // a call without arguments, unless its header goes on; or null
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
   * Ends the input; content that was not ended becomes a message. Mode {@link
   * ParseMode#BEST_EFFORT} leaves out a character at the end that is not complete.
   *
   * @throws InvalidRequestException {@code malformed_completion} within a header; never in mode
   *     {@link ParseMode#BEST_EFFORT}
   */
  public void processEos() {
    deltaStart = content.length();
    if (state == State.CONTENT) {
      if (mode == ParseMode.BEST_EFFORT) {
        discardIncompleteCharacter();
      }
      endMessage();
    } else if (state == State.HEADER) {
      fail("the tokens end within a header");
      endUnfinishedHeader(SpecialTokens.END_OF_TEXT);
    }
    addBareCall();
  }

  /** Forgets a character of the content that is not complete, where the text is cut short here. */
  public void discardIncompleteCharacter() {
    decoder.discard();
  }

  private void expectStart(int token) {
    if (token == SpecialTokens.START) {
      addBareCall();
      beginHeader();
      startGiven = true;
      return;
    }
    if (mode == ParseMode.BEST_EFFORT) {
      expectStartLoosely(token);
      return;
    }
    fail("something other than <|start|> follows a message");
  }

  private void expectStartLoosely(int token) {
    if (token == SpecialTokens.END_OF_TEXT) {
      return;
    }
    if (SpecialTokens.endsMessage(token)) {
      salvage("a message ends twice");
      return;
    }
    salvage("something other than <|start|> follows a message");
    if (interrupted) {
      interrupted = false;
      bareCall = null;
      state = State.HEADER;
    } else {
      addBareCall();
      beginHeader();
    }
    processHeader(token);
  }

  private void addBareCall() {
    if (bareCall != null) {
      add(bareCall, "");
      bareCall = null;
    }
  }

  private void processHeader(int token) {
    if (token == SpecialTokens.MESSAGE) {
      header = readHeader();
      kind = MessageKind.of(header.author().role(), header.channel(), header.recipient());
      inAnalysis = Channel.ANALYSIS.equals(header.channel());
      state = State.CONTENT;
      if (mode != ParseMode.BEST_EFFORT) {
        beginTokens();
      }
    } else if (mode != ParseMode.STRICT && SpecialTokens.endsMessage(token)) {
      salvage("a message ends within its header");
      endUnfinishedHeader(token);
    } else if (mode == ParseMode.BEST_EFFORT && token >= SpecialTokens.FIRST) {
      processHeaderMarker(token);
    } else {
      headerTokens.add(token);
    }
  }

  /** A header may begin again; what stands before the new beginning may be a message's text. */
  private void processHeaderMarker(int token) {
    if (token == SpecialTokens.END_OF_TEXT) {
      salvage("a message ends within its header");
      endUnfinishedHeader(token);
      return;
    }
    if (token == SpecialTokens.START || token == SpecialTokens.CHANNEL) {
      int[] piece = headerTokens.copyOfRange(pieceStart, headerTokens.size());
      Role role = pieceStart == 0 ? givenRole : Role.ASSISTANT;
      Header read = HeaderSalvage.read(piece, role, startGiven && pieceStart == 0);
      if (read.rest() != null) {
        salvage("a message begins within a header");
        endUnfinishedHeader(token);
        beginHeader();
        startGiven = token == SpecialTokens.START;
        givenRole = startGiven ? null : read.author().role();
        if (startGiven) {
          return;
        }
      }
      pieceStart = headerTokens.size();
    }
    headerTokens.add(token);
  }

  private void processContent(int token) {
    if (SpecialTokens.endsMessage(token)) {
      endMessage();
    } else if (mode == ParseMode.BEST_EFFORT && token >= SpecialTokens.FIRST) {
      processContentMarker(token);
    } else {
      tokenizer.decode(token, decoder, content);
    }
  }

  /** Users' text never becomes a special token, so what the model wrote is no text. */
  private void processContentMarker(int token) {
    if (token == SpecialTokens.END_OF_TEXT) {
      endMessage();
    } else if (isHeaderMarker(token)) {
      leaveContent(token);
    } else {
      salvage("a token that means nothing stands in a message");
    }
  }

  private static boolean isHeaderMarker(int token) {
    return token == SpecialTokens.START
        || token == SpecialTokens.CHANNEL
        || token == SpecialTokens.CONSTRAIN
        || token == SpecialTokens.MESSAGE;
  }

  /** The model forgot {@code <|end|>}, or wrote {@code <|message|>} before its header's end. */
  private void leaveContent(int marker) {
    salvage("a message does not end before the next one begins");
    decoder.finish(content);
    boolean answers = kind == MessageKind.ANSWER;
    if (marker == SpecialTokens.MESSAGE && (content.isEmpty() || answers)) {
      return; // said twice
    }
    Header left = header;
    if (content.length() <= MAX_HEADER_CHARACTERS
        && headerTokens.size() <= MAX_HEADER_TOKENS
        && HeaderSalvage.isHeaderText(content.toString(), left, marker)) {
      tokenizer.encode(content.toString(), headerTokens);
      dropMessage();
      state = State.HEADER;
      processHeader(marker);
      return;
    }
    if (content.isEmpty()) {
      dropMessage();
    } else {
      endMessage();
    }
    beginHeader();
    if (marker == SpecialTokens.START) {
      startGiven = true;
      return;
    }
    givenRole = left.author().role();
    if (answers && marker == SpecialTokens.CONSTRAIN) { // what follows belongs to the answer
      headerTokens.add(SpecialTokens.CHANNEL);
      tokenizer.encode(Channel.FINAL, headerTokens);
    }
    processHeader(marker);
  }

  private void beginHeader() {
    beginTokens();
    interrupted = false;
    state = State.HEADER;
  }

  private void beginTokens() {
    headerTokens = new TokenList();
    pieceStart = 0;
    startGiven = false;
    givenRole = null;
  }

  private Header readHeader() {
    if (mode != ParseMode.BEST_EFFORT) {
      return HeaderParser.parse(headerText(), givenRole);
    }
    if (givenRole == null && !startGiven) {
      salvage("a message does not begin with <|start|>");
    } else if (hasPlainMarkers()) {
      try {
        Header read = HeaderParser.parse(headerText(), givenRole);
        if (hasPlainNames(read)) {
          return read;
        }
        salvage("a header has a special token or a recipient in a name");
      } catch (InvalidRequestException e) {
        salvage(e);
      }
    } else {
      salvage("a header has a special token that does not belong there");
    }
    return HeaderSalvage.read(headerTokens.toArray(), givenRole, startGiven);
  }

  /** Whether the header has no special tokens but one channel and one type at most. */
  private boolean hasPlainMarkers() {
    int channels = 0;
    int types = 0;
    int others = 0;
    for (int token : headerTokens.toArray()) {
      switch (token) {
        case SpecialTokens.CHANNEL -> channels++;
        case SpecialTokens.CONSTRAIN -> types++;
        default -> others += token >= SpecialTokens.FIRST ? 1 : 0;
      }
    }
    return channels <= 1 && types <= 1 && others == 0;
  }

  /** Whether neither a special token's text nor a recipient has become part of a name. */
  private static boolean hasPlainNames(Header read) {
    String type = read.contentType();
    if (type != null && type.startsWith(CONSTRAIN)) {
      type = type.substring(CONSTRAIN.length());
    }
    return Stream.of(read.author().name(), read.channel(), read.recipient(), type)
        .allMatch(name -> name == null || !(name.contains("<|") || name.startsWith(TO)));
  }

  /** Turns a header without {@code <|message|>} into a message, if there is anything to keep. */
  private void endUnfinishedHeader(int endToken) {
    Header unfinished = readUnfinishedHeader();
    state = State.EXPECT_START;
    if (mode == ParseMode.BEST_EFFORT && unfinished != null && unfinished.rest() == null) {
      bareCall = endToken == SpecialTokens.CALL && isCall(unfinished) ? unfinished : null;
      interrupted =
          endToken != SpecialTokens.START
              && endToken != SpecialTokens.CHANNEL
              && headerTokens.size() <= MAX_HEADER_TOKENS;
      return;
    }
    beginTokens();
    if (unfinished != null) {
      add(unfinished, unfinished.rest() == null ? "" : unfinished.rest());
    }
  }

  private static boolean isCall(Header read) {
    return MessageKind.of(read.author().role(), read.channel(), read.recipient())
        == MessageKind.TOOL_CALL;
  }

  private Header readUnfinishedHeader() {
    if (headerTokens.size() == 0) {
      return null;
    }
    if (mode == ParseMode.LENIENT) {
      return givenRole == null ? null : HeaderParser.parseUnfinished(headerText(), givenRole);
    }
    return HeaderSalvage.read(headerTokens.toArray(), givenRole, startGiven);
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

  /** The content that the last token completed, or null if it completed none. */
  public String lastContentDelta() {
    return deltaStart < content.length() ? content.substring(deltaStart) : null;
  }
}
