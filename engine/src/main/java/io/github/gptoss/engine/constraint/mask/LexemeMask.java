package io.github.gptoss.engine.constraint.mask;

import io.github.gptoss.engine.constraint.lexeme.Lexeme;
import io.github.gptoss.engine.constraint.lexeme.TextLexeme;
import io.github.gptoss.engine.constraint.lexeme.TextLexemes;
import io.github.gptoss.engine.sampling.TokenSet;
import java.util.Arrays;

/**
 * What tokens do to one state of a lexeme, whatever lies around the lexeme: the tokens that stay
 * inside it, and the nodes of the tree of tokens at which it is closed.
 */
record LexemeMask(TokenSet inside, int[] exits) {
  static LexemeMask of(Lexeme lexeme, TokenTrie trie) {
    boolean isOpen =
        lexeme instanceof TextLexeme text
            && text.isOpen()
            && text.min() == 0
            && text.max() == TextLexemes.UNBOUNDED;
    if (isOpen) {
      // Every token may stay inside, so only those that close the lexeme are looked at.
      FreeTokens free = FreeTokens.of(((TextLexeme) lexeme).spelling(), trie);
      return new LexemeMask(free.inside(TextLexemes.UNBOUNDED), walked(lexeme, trie, free).exits());
    }
    return walked(lexeme, trie, null);
  }

  /** Of a text without any condition but a length. */
  static LexemeMask any(TextLexeme text, TokenTrie trie) {
    FreeTokens free = FreeTokens.of(text.spelling(), trie);
    return new LexemeMask(free.inside(text.max()), free.exits(text.min(), text.max()));
  }

  long bytes() {
    return inside.bytes() + (long) exits.length * Integer.BYTES;
  }

  /**
   * @param only where not null, nodes that lead to none of its exits are left out
   */
  private static LexemeMask walked(Lexeme start, TokenTrie trie, FreeTokens only) {
    TokenSet inside = TokenTrie.newSet();
    int[] exits = new int[1024];
    int size = 0;
    Lexeme[] path = new Lexeme[trie.maxDepth() + 1];
    path[0] = start;
    for (int node = 0; node < trie.size(); ) {
      int depth = trie.depth(node);
      Lexeme next =
          only == null || only.leadsToExit(node) ? path[depth - 1].step(trie.label(node)) : null;
      if (next == Lexeme.CLOSED) {
        exits = size == exits.length ? Arrays.copyOf(exits, 2 * size) : exits;
        exits[size++] = node;
      }
      if (next == null || next == Lexeme.CLOSED) {
        node = trie.end(node);
        continue;
      }
      path[depth] = next;
      if (trie.token(node) >= 0) {
        inside.add(trie.token(node));
      }
      node++;
    }
    return new LexemeMask(inside, Arrays.copyOf(exits, size));
  }
}
