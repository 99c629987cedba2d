package io.github.gptoss.engine.tokenizer;

import io.github.gptoss.engine.error.InvalidRequestException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * o200k_harmony: text to token ids and back, as OpenAI's tiktoken does it. An id outside the
 * vocabulary is {@code invalid_tokens}. Thread-safe; the one instance is loaded on first use and
 * holds about 4 MB.
 *
 * <p>Encoding is ordinary encoding: the text of a special token, typed by someone, is plain text. A
 * lone surrogate has no UTF-8 form and is encoded as U+FFFD.
 */
public final class Tokenizer {
  /** Number of ids, special ones included: 201,088, the rows of the embedding. */
  public static final int VOCABULARY_SIZE = 201_088;

  private static final class Shared {
    static final Tokenizer INSTANCE = new Tokenizer(Vocabulary.load());
  }

  private final Vocabulary vocabulary;

  private Tokenizer(Vocabulary vocabulary) {
    this.vocabulary = vocabulary;
  }

  public static Tokenizer o200kHarmony() {
    return Shared.INSTANCE;
  }

  /** Encodes a text; time grows like n log n with its length, whatever it holds. */
  public int[] encode(String text) {
    TokenList ids = new TokenList(text.length() / 3);
    encode(text, ids);
    return ids.toArray();
  }

  /** Encodes a text and appends its ids. */
  public void encode(String text, TokenList ids) {
    PieceScanner scanner = new PieceScanner(text);
    BytePairMerger merger = new BytePairMerger(vocabulary);
    byte[] bytes = new byte[64];
    int start = 0;
    while (start < text.length()) {
      int end = scanner.endOfPiece(start);
      int mostBytes = 3 * (end - start);
      if (bytes.length < mostBytes) {
        bytes = new byte[2 * mostBytes];
      }
      merger.merge(bytes, toUtf8(text, start, end, bytes), ids);
      start = end;
    }
  }

  /** Decodes ids; malformed UTF-8, for instance where they cut a character, becomes U+FFFD. */
  public String decode(int... ids) {
    StringBuilder text = new StringBuilder(4 * ids.length);
    Utf8Decoder decoder = new Utf8Decoder();
    for (int id : ids) {
      decode(id, decoder, text);
    }
    decoder.finish(text);
    return text.toString();
  }

  /** Decodes one id of a stream, appending the characters that it completes. */
  public void decode(int id, Utf8Decoder decoder, StringBuilder out) {
    requireValid(id);
    if (id < SpecialTokens.FIRST) {
      vocabulary.decode(id, decoder, out);
    } else {
      decoder.finish(out);
      out.append(SpecialTokens.textOf(id));
    }
  }

  /** The bytes that ids stand for, which need not be whole characters. */
  public byte[] decodeToBytes(int... ids) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(4 * ids.length);
    for (int id : ids) {
      requireValid(id);
      if (id < SpecialTokens.FIRST) {
        vocabulary.write(id, out);
      } else {
        out.writeBytes(SpecialTokens.textOf(id).getBytes(StandardCharsets.US_ASCII));
      }
    }
    return out.toByteArray();
  }

  private static void requireValid(int id) {
    if (id < 0 || id >= VOCABULARY_SIZE) {
      throw new InvalidRequestException(
          "invalid_tokens",
          "token id %s is outside the vocabulary; ids run from 0 to %s"
              .formatted(id, VOCABULARY_SIZE - 1));
    }
  }

  private static int toUtf8(String text, int from, int to, byte[] out) {
    int length = 0;
    for (int i = from; i < to; i++) {
      int c = text.charAt(i);
      if (c < 0x80) {
        out[length++] = (byte) c;
        continue;
      }
      if (Character.isSurrogate((char) c)) {
        int pair = text.codePointAt(i);
        if (pair == c) {
          c = 0xfffd;
        } else {
          i++;
          out[length++] = (byte) (0xf0 | pair >> 18);
          out[length++] = (byte) (0x80 | (pair >> 12 & 0x3f));
          out[length++] = (byte) (0x80 | (pair >> 6 & 0x3f));
          out[length++] = (byte) (0x80 | (pair & 0x3f));
          continue;
        }
      }
      if (c < 0x800) {
        out[length++] = (byte) (0xc0 | c >> 6);
      } else {
        out[length++] = (byte) (0xe0 | c >> 12);
        out[length++] = (byte) (0x80 | (c >> 6 & 0x3f));
      }
      out[length++] = (byte) (0x80 | (c & 0x3f));
    }
    return length;
  }
}
