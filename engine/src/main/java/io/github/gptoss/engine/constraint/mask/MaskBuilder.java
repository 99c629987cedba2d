package io.github.gptoss.engine.constraint.mask;

import io.github.gptoss.engine.constraint.grammar.Grammar;
import io.github.gptoss.engine.constraint.grammar.State;
import io.github.gptoss.engine.constraint.lexeme.Lexeme;
import io.github.gptoss.engine.sampling.TokenSet;
import java.util.Set;

/**
 * Finds the tokens with which a text may go on. The innermost lexeme decides nearly all of them, so
 * what tokens do to a lexeme is kept; only tokens that leave it depend on what lies around.
 */
public final class MaskBuilder {
  private final TokenTrie trie = TokenTrie.o200k();
  private final Grammar grammar;
  private final State[] path = new State[trie.maxDepth() + 1];
  private final TokenSet mask = TokenTrie.newSet();

  private MaskBuilder(Grammar grammar) {
    this.grammar = grammar;
  }

  /**
   * The tokens whose bytes, behind the text read so far, begin some text of the language.
   *
   * @param state what the text read so far can be
   * @param lexemes what tokens do to lexemes, as far as that is known
   */
  public static TokenSet mask(Grammar grammar, State state, LexemeMasks lexemes) {
    MaskBuilder builder = new MaskBuilder(grammar);
    builder.add(state, lexemes);
    return builder.mask;
  }

  private void add(State state, LexemeMasks lexemes) {
    Set<Lexeme> broad = grammar.broadLexemes(state);
    for (Lexeme lexeme : broad) {
      LexemeMask tokens = lexemes.of(grammar, lexeme);
      mask.addAll(tokens.inside());
      State behind = tokens.exits().length == 0 ? null : grammar.behind(state, lexeme);
      for (int exit : tokens.exits()) {
        if (trie.token(exit) >= 0) {
          mask.add(trie.token(exit));
        }
        walk(behind, trie.depth(exit), exit + 1, trie.end(exit));
      }
    }
    State rest = broad.isEmpty() ? state : grammar.without(state, broad);
    if (rest != null) {
      walk(rest, 0, 0, trie.size());
    }
  }

  /**
   * Adds the allowed tokens of some nodes, whose parent lies at a depth and leads to a state. The
   * loop is written out here and for lexemes: behind a common interface it takes twice the time.
   */
  private void walk(State parent, int parentDepth, int from, int to) {
    path[parentDepth] = parent;
    for (int node = from; node < to; ) {
      int depth = trie.depth(node);
      State next = grammar.next(path[depth - 1], trie.label(node));
      if (next == null) {
        node = trie.end(node);
        continue;
      }
      path[depth] = next;
      if (trie.token(node) >= 0) {
        mask.add(trie.token(node));
      }
      node++;
    }
  }
}
