package io.github.gptoss.engine.constraint.mask;

import io.github.gptoss.engine.sampling.TokenSet;
import io.github.gptoss.engine.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.Comparator;

/**
 * The bytes of all ordinary tokens as a tree, in depth-first order: a node's subtree is the nodes
 * from it up to its end. About 10 MB.
 */
public final class TokenTrie {
  /** Ordinary tokens of o200k; the ids behind them are special or reserved. */
  static final int TOKENS = 199_998;

  private static final int NO_TOKEN = -1;

  /** The byte that leads to a node, 0 to 255. */
  private final byte[] labels;

  /** How many bytes lead to a node. */
  private final short[] depths;

  private final int[] ends;
  private final int[] tokens;
  private final int size;
  private final int maxDepth;

  private static final class Holder {
    static final TokenTrie O200K = new TokenTrie(tokens());
  }

  private TokenTrie(byte[][] texts) {
    Integer[] order = new Integer[texts.length];
    int total = 0;
    for (int id = 0; id < texts.length; id++) {
      order[id] = id;
      total += texts[id].length;
    }
    Arrays.sort(order, Comparator.comparing(id -> texts[id], Arrays::compareUnsigned));
    byte[] allLabels = new byte[total];
    short[] allDepths = new short[total];
    int[] allEnds = new int[total];
    int[] allTokens = new int[total];
    int nodes = 0;
    int deepest = 0;
    byte[] before = new byte[0];
    int[] path = new int[256];
    for (int id : order) {
      byte[] text = texts[id];
      int common = Arrays.mismatch(before, text);
      common = common < 0 ? before.length : common;
      for (int depth = common; depth < before.length; depth++) {
        allEnds[path[depth]] = nodes;
      }
      for (int depth = common; depth < text.length; depth++) {
        path[depth] = nodes;
        allLabels[nodes] = text[depth];
        allDepths[nodes] = (short) (depth + 1);
        allTokens[nodes++] = NO_TOKEN;
      }
      allTokens[nodes - 1] = id;
      deepest = Math.max(deepest, text.length);
      before = text;
    }
    for (int depth = 0; depth < before.length; depth++) {
      allEnds[path[depth]] = nodes;
    }
    size = nodes;
    maxDepth = deepest;
    labels = Arrays.copyOf(allLabels, nodes);
    depths = Arrays.copyOf(allDepths, nodes);
    ends = Arrays.copyOf(allEnds, nodes);
    tokens = Arrays.copyOf(allTokens, nodes);
  }

  /** The tree of all ordinary tokens; made when it is first asked for. */
  public static TokenTrie o200k() {
    return Holder.O200K;
  }

  /** A set for all ids, those of special tokens too. */
  static TokenSet newSet() {
    return new TokenSet(Tokenizer.VOCABULARY_SIZE);
  }

  /** Adds the tokens whose bytes are the beginning of a text, or all of it, to a set. */
  public void addBeginnings(int[] text, TokenSet set) {
    int from = 0;
    int to = size;
    for (int b : text) {
      int node = from;
      while (node < to && label(node) != b) {
        node = ends[node];
      }
      if (node >= to) {
        return;
      }
      if (tokens[node] >= 0) {
        set.add(tokens[node]);
      }
      from = node + 1;
      to = ends[node];
    }
  }

  private static byte[][] tokens() {
    Tokenizer tokenizer = Tokenizer.o200kHarmony();
    byte[][] texts = new byte[TOKENS][];
    for (int id = 0; id < TOKENS; id++) {
      texts[id] = tokenizer.decodeToBytes(id);
    }
    return texts;
  }

  int size() {
    return size;
  }

  int maxDepth() {
    return maxDepth;
  }

  int label(int node) {
    return labels[node] & 0xFF;
  }

  int depth(int node) {
    return depths[node];
  }

  int end(int node) {
    return ends[node];
  }

  /** The token that ends at a node; negative if none does. */
  int token(int node) {
    return tokens[node];
  }
}
