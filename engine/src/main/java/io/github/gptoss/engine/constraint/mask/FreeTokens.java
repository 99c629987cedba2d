package io.github.gptoss.engine.constraint.mask;

import io.github.gptoss.engine.constraint.lexeme.Lexeme;
import io.github.gptoss.engine.constraint.lexeme.Spelling;
import io.github.gptoss.engine.constraint.lexeme.TextLexemes;
import io.github.gptoss.engine.sampling.TokenSet;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.Map;

/** What tokens do between two characters of a text without any condition, by their lengths. */
final class FreeTokens {
  private static final Map<Spelling, FreeTokens> KNOWN = new EnumMap<>(Spelling.class);

  /** Tokens that stay inside the text and begin at most so many characters, by that number. */
  private final TokenSet[] inside;

  /** Nodes at which the text is closed. */
  private final int[] exits;

  /** How many characters lie before each of them. */
  private final int[] lengths;

  /** Nodes that lead to a node at which the text is closed, and these. */
  private final BitSet toExits = new BitSet();

  private FreeTokens(Spelling spelling, TokenTrie trie) {
    int[] begun = new int[trie.maxDepth() + 1];
    int[] nodes = new int[trie.maxDepth() + 1];
    Lexeme[] path = new Lexeme[trie.maxDepth() + 1];
    path[0] = TextLexemes.any(spelling);
    int[] needs = new int[TokenTrie.TOKENS];
    Arrays.fill(needs, -1);
    int[] allExits = new int[trie.size()];
    int[] allLengths = new int[trie.size()];
    int size = 0;
    int most = 0;
    for (int node = 0; node < trie.size(); ) {
      int depth = trie.depth(node);
      nodes[depth] = node;
      Lexeme before = path[depth - 1];
      Lexeme next = before.step(trie.label(node));
      if (next == Lexeme.CLOSED) {
        allExits[size] = node;
        allLengths[size++] = begun[depth - 1];
        for (int above = 1; above <= depth; above++) {
          toExits.set(nodes[above]);
        }
      }
      if (next == null || next == Lexeme.CLOSED) {
        node = trie.end(node);
        continue;
      }
      path[depth] = next;
      begun[depth] = begun[depth - 1] + (before.isBetweenCharacters() ? 1 : 0);
      most = Math.max(most, begun[depth]);
      if (trie.token(node) >= 0) {
        needs[trie.token(node)] = begun[depth];
      }
      node++;
    }
    exits = Arrays.copyOf(allExits, size);
    lengths = Arrays.copyOf(allLengths, size);
    inside = new TokenSet[most + 1];
    for (int length = 0; length <= most; length++) {
      inside[length] = TokenTrie.newSet();
    }
    for (int token = 0; token < needs.length; token++) {
      if (needs[token] >= 0) {
        inside[needs[token]].add(token);
      }
    }
    for (int length = 1; length <= most; length++) {
      inside[length].addAll(inside[length - 1]);
    }
  }

  static FreeTokens of(Spelling spelling, TokenTrie trie) {
    synchronized (KNOWN) {
      return KNOWN.computeIfAbsent(spelling, s -> new FreeTokens(s, trie));
    }
  }

  /** The tokens that stay inside a text of which at most so many characters may follow. */
  TokenSet inside(int most) {
    return inside[Math.min(most, inside.length - 1)];
  }

  /** The nodes at which a text of at least {@code min} and at most {@code max} characters ends. */
  int[] exits(int min, int max) {
    int[] kept = new int[exits.length];
    int size = 0;
    for (int i = 0; i < exits.length; i++) {
      if (lengths[i] >= min && lengths[i] <= max) {
        kept[size++] = exits[i];
      }
    }
    return Arrays.copyOf(kept, size);
  }

  /** Whether a node leads to one at which a text is closed, or is one. */
  boolean leadsToExit(int node) {
    return toExits.get(node);
  }
}
