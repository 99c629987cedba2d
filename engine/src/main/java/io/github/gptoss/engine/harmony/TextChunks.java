package io.github.gptoss.engine.harmony;

import io.github.gptoss.engine.tokenizer.Tokenizer;
import io.github.gptoss.engine.tokenizer.Utf8Decoder;
import java.util.ArrayList;
import java.util.List;

/** Texts packed into as few chunks as their order allows, each of a number of tokens. */
public final class TextChunks {
  /** Stands between two texts of a chunk. */
  public static final String SEPARATOR = "\n\n";

  private static final int SEPARATOR_TOKENS = 1;

  private final int chunkTokens;
  private final List<String> chunks = new ArrayList<>();
  private final StringBuilder open = new StringBuilder();
  private int openTokens;

  private TextChunks(int chunkTokens) {
    this.chunkTokens = chunkTokens;
  }

  /**
   * Packs texts in their order. A text that is longer than a chunk is split between characters.
   *
   * @param chunkTokens tokens of a chunk, at least 1; a chunk may have a few more or fewer when it
   *     is read again
   */
  public static List<String> of(List<String> texts, int chunkTokens) {
    TextChunks chunks = new TextChunks(chunkTokens);
    texts.forEach(chunks::add);
    chunks.close();
    return chunks.chunks;
  }

  private void add(String text) {
    int[] ids = Tokenizer.o200kHarmony().encode(text);
    if (ids.length <= chunkTokens) {
      put(text, ids.length);
      return;
    }
    close();
    Utf8Decoder decoder = new Utf8Decoder();
    StringBuilder piece = new StringBuilder();
    for (int i = 0; i < ids.length; i++) {
      Tokenizer.o200kHarmony().decode(ids[i], decoder, piece);
      if ((i + 1) % chunkTokens == 0 || i == ids.length - 1) {
        put(piece.toString(), Math.min(chunkTokens, i % chunkTokens + 1));
        piece.setLength(0);
      }
    }
  }

  private void put(String text, int tokens) {
    if (openTokens > 0 && openTokens + SEPARATOR_TOKENS + tokens > chunkTokens) {
      close();
    }
    if (openTokens > 0) {
      open.append(SEPARATOR);
      openTokens += SEPARATOR_TOKENS;
    }
    open.append(text);
    openTokens += tokens;
  }

  private void close() {
    if (openTokens > 0) {
      chunks.add(open.toString());
    }
    open.setLength(0);
    openTokens = 0;
  }
}
