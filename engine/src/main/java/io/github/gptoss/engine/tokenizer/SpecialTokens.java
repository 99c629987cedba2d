package io.github.gptoss.engine.tokenizer;

/** The special tokens, every id from {@link #FIRST} up. Source: openai/harmony, docs/format.md. */
public final class SpecialTokens {
  /** The first special id; all below are ordinary tokens. */
  public static final int FIRST = 199_998;

  public static final int START_OF_TEXT = 199_998;
  public static final int END_OF_TEXT = 199_999;

  /** Ends the last message of a turn. */
  public static final int RETURN = 200_002;

  /** Stands in a header before the content's format, as in {@code <|constrain|>json}. */
  public static final int CONSTRAIN = 200_003;

  public static final int CHANNEL = 200_005;
  public static final int START = 200_006;
  public static final int END = 200_007;
  public static final int MESSAGE = 200_008;

  /** Ends a message that calls a tool. */
  public static final int CALL = 200_012;

  private SpecialTokens() {}

  /** The text that stands for a special token, for instance {@code <|start|>}. */
  public static String textOf(int id) {
    return switch (id) {
      case START_OF_TEXT -> "<|startoftext|>";
      case END_OF_TEXT -> "<|endoftext|>";
      case RETURN -> "<|return|>";
      case CONSTRAIN -> "<|constrain|>";
      case CHANNEL -> "<|channel|>";
      case START -> "<|start|>";
      case END -> "<|end|>";
      case MESSAGE -> "<|message|>";
      case CALL -> "<|call|>";
      default -> "<|reserved_" + id + "|>";
    };
  }

  /** Whether a token ends a message: {@code <|return|>}, {@code <|call|>} or {@code <|end|>}. */
  public static boolean endsMessage(int id) {
    return id == END || id == RETURN || id == CALL;
  }
}
