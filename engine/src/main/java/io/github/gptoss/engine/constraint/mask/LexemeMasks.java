package io.github.gptoss.engine.constraint.mask;

import io.github.gptoss.engine.constraint.grammar.Grammar;
import io.github.gptoss.engine.constraint.lexeme.Lexeme;
import io.github.gptoss.engine.constraint.lexeme.TextLexeme;

/** What tokens do to the lexemes that were used last, within a bound of bytes. Thread-safe. */
public final class LexemeMasks {
  private final TokenTrie trie = TokenTrie.o200k();
  private final MaskCache<Lexeme, LexemeMask> kept;

  /**
   * @param maxBytes how much memory what is kept may take
   */
  public LexemeMasks(long maxBytes) {
    kept = new MaskCache<>(maxBytes, LexemeMask::bytes);
  }

  LexemeMask of(Grammar owner, Lexeme lexeme) {
    if (!(lexeme instanceof TextLexeme text)) {
      return kept(owner, lexeme);
    }
    // The masks by length of texts without any condition are shared by all grammars.
    return text.isAny()
        ? LexemeMask.any(text, trie)
        : kept(owner, text.withoutFarEnd(trie.maxDepth()));
  }

  private LexemeMask kept(Grammar owner, Lexeme lexeme) {
    LexemeMask mask = kept.get(owner, lexeme);
    if (mask == null) {
      mask = LexemeMask.of(lexeme, trie);
      kept.put(owner, lexeme, mask);
    }
    return mask;
  }

  /** The bytes of what is kept. */
  long bytes() {
    return kept.bytes();
  }
}
