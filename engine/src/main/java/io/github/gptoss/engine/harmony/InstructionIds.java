package io.github.gptoss.engine.harmony;

import io.github.gptoss.engine.tokenizer.TokenList;
import io.github.gptoss.engine.tokenizer.Tokenizer;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Remembers the token ids of system and developer messages, which most conversations of a batch
 * share: every text is encoded on its own, so its ids do not depend on what stands beside it.
 */
final class InstructionIds {
  /** A power of two; a text drives out another of the same place. */
  private static final int PLACES = 64;

  /** Longer texts are encoded each time, which bounds the memory. */
  private static final int MOST_CHARACTERS = 1 << 15;

  private record Encoded(String text, int[] ids) {}

  private static final AtomicReferenceArray<Encoded> KNOWN = new AtomicReferenceArray<>(PLACES);

  private InstructionIds() {}

  /** Appends the ids of a text, as {@link Tokenizer#encode(String, TokenList)} does. */
  static void append(Tokenizer tokenizer, String text, TokenList out) {
    int hash = text.hashCode();
    int place = (hash ^ hash >>> 16) & (PLACES - 1);
    Encoded known = KNOWN.get(place);
    if (known == null || !known.text.equals(text)) {
      known = new Encoded(text, tokenizer.encode(text));
      if (text.length() <= MOST_CHARACTERS) {
        KNOWN.set(place, known);
      }
    }
    out.addAll(known.ids);
  }
}
