package io.github.gptoss.engine.constraint.turn;

import io.github.gptoss.engine.constraint.ConstraintSpec;
import io.github.gptoss.engine.constraint.TurnSpec;
import io.github.gptoss.engine.constraint.compiled.Constraint;
import io.github.gptoss.engine.constraint.compiled.Constraints;
import io.github.gptoss.engine.constraint.grammar.State;
import io.github.gptoss.engine.constraint.mask.TokenTrie;
import io.github.gptoss.engine.constraint.turn.TurnState.Ended;
import io.github.gptoss.engine.constraint.turn.TurnState.InFreeText;
import io.github.gptoss.engine.constraint.turn.TurnState.InHeader;
import io.github.gptoss.engine.constraint.turn.TurnState.InText;
import io.github.gptoss.engine.sampling.TokenSet;
import io.github.gptoss.engine.tokenizer.SpecialTokens;
import io.github.gptoss.engine.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Which tokens the turn of an assistant may consist of: reasoning that is free, then an answer that
 * fits its constraint, or calls whose arguments fit theirs. The turn can end only behind a complete
 * answer or call. Source of the headers: openai/harmony, docs/format.md. Thread-safe.
 */
public final class TurnGrammar {
  /** A header as symbols: bytes of its text, and ids of special tokens. */
  private record Header(int[] symbols, TurnState text) {}

  private final Constraints constraints;
  private final List<Header> headers = new ArrayList<>();
  private final TurnState answer;
  private final int firstHeaders;

  /**
   * Compiles a turn.
   *
   * @throws io.github.gptoss.engine.error.ConstraintException if one of its constraints cannot be
   *     compiled
   */
  public TurnGrammar(TurnSpec spec, Constraints constraints) {
    this.constraints = constraints;
    answer =
        spec.answer() == null
            ? new InFreeText(SpecialTokens.RETURN)
            : text(constraints.get(spec.answer()), SpecialTokens.RETURN);
    add(new InFreeText(SpecialTokens.END), SpecialTokens.CHANNEL, "analysis");
    add(answer, SpecialTokens.CHANNEL, "final");
    if (spec.answer() != null && spec.answer().kind() == ConstraintSpec.Kind.JSON_SCHEMA) {
      add(answer, SpecialTokens.CHANNEL, "final ", SpecialTokens.CONSTRAIN, "json");
    }
    if (!spec.functions().isEmpty()) {
      add(new InFreeText(SpecialTokens.END), SpecialTokens.CHANNEL, "commentary");
    }
    for (TurnSpec.Function function : spec.functions()) {
      addCalls(function);
    }
    firstHeaders = headers.size();
    // Behind the end of a message every header begins with the role.
    int[] start = symbols(SpecialTokens.START, "assistant");
    for (Header header : List.copyOf(headers)) {
      int[] symbols = Arrays.copyOf(start, start.length + header.symbols.length);
      System.arraycopy(header.symbols, 0, symbols, start.length, header.symbols.length);
      headers.add(new Header(symbols, header.text));
    }
  }

  private static TurnState text(Constraint constraint, int end) {
    return new InText(constraint, constraint.start(), end);
  }

  /** Both orders of recipient and channel, each with the three ways to say that JSON follows. */
  private void addCalls(TurnSpec.Function function) {
    TurnState arguments =
        function.arguments() == null
            ? new InFreeText(SpecialTokens.CALL)
            : text(
                constraints.get(function.arguments()).requireObjects(function), SpecialTokens.CALL);
    String recipient = " to=" + function.recipient();
    for (String channel : List.of("commentary", "analysis")) {
      for (List<Object> opening :
          List.<List<Object>>of(
              List.of(recipient, SpecialTokens.CHANNEL, channel),
              List.of(SpecialTokens.CHANNEL, channel + recipient))) {
        add(arguments, opening.toArray());
        add(arguments, extended(opening, " json"));
        add(arguments, extended(opening, " ", SpecialTokens.CONSTRAIN, "json"));
      }
    }
  }

  private static Object[] extended(List<Object> parts, Object... more) {
    List<Object> all = new ArrayList<>(parts);
    Collections.addAll(all, more);
    return all.toArray();
  }

  private void add(TurnState text, Object... parts) {
    headers.add(new Header(symbols(extended(Arrays.asList(parts), SpecialTokens.MESSAGE)), text));
  }

  private static int[] symbols(Object... parts) {
    List<Integer> symbols = new ArrayList<>();
    for (Object part : parts) {
      if (part instanceof Integer special) {
        symbols.add(special);
      } else {
        for (byte b : ((String) part).getBytes(StandardCharsets.UTF_8)) {
          symbols.add(b & 0xFF);
        }
      }
    }
    return symbols.stream().mapToInt(Integer::intValue).toArray();
  }

  /** The state behind the prompt, which ends with the assistant's role. */
  public TurnState start() {
    return opened(0, firstHeaders);
  }

  private TurnState opened(int from, int to) {
    Integer[] places = new Integer[headers.size()];
    for (int i = 0; i < places.length; i++) {
      places[i] = i >= from && i < to ? 0 : -1;
    }
    return new InHeader(List.of(places));
  }

  /** The state at the beginning of the final answer. */
  public TurnState answer() {
    return answer;
  }

  /** The state after one more token; null if it is not allowed. */
  public TurnState next(TurnState state, int token) {
    if (state instanceof InHeader header) {
      return next(header, token);
    }
    if (state instanceof InFreeText text) {
      return token == text.end() ? behind(token) : token < SpecialTokens.FIRST ? state : null;
    }
    if (state instanceof InText text) {
      if (token == text.end()) {
        return text.constraint().isComplete(text.state()) ? behind(token) : null;
      }
      State next =
          token < SpecialTokens.FIRST ? text.constraint().next(text.state(), bytes(token)) : null;
      return next == null ? null : new InText(text.constraint(), next, text.end());
    }
    return null;
  }

  private TurnState behind(int end) {
    return end == SpecialTokens.END ? opened(firstHeaders, headers.size()) : new Ended();
  }

  private static byte[] bytes(int token) {
    return Tokenizer.o200kHarmony().decodeToBytes(token);
  }

  private TurnState next(InHeader state, int token) {
    int[] symbols = token < SpecialTokens.FIRST ? symbols(bytes(token)) : new int[] {token};
    Integer[] places = new Integer[headers.size()];
    boolean isAlive = false;
    for (int i = 0; i < places.length; i++) {
      int place = state.places().get(i);
      Header header = headers.get(i);
      places[i] =
          place >= 0 && continues(header.symbols, place, symbols) ? place + symbols.length : -1;
      if (places[i] == header.symbols.length) {
        return header.text;
      }
      isAlive |= places[i] >= 0;
    }
    return isAlive ? new InHeader(List.of(places)) : null;
  }

  private static int[] symbols(byte[] bytes) {
    int[] symbols = new int[bytes.length];
    for (int i = 0; i < symbols.length; i++) {
      symbols[i] = bytes[i] & 0xFF;
    }
    return symbols;
  }

  private static boolean continues(int[] header, int place, int[] symbols) {
    return place + symbols.length <= header.length
        && Arrays.equals(header, place, place + symbols.length, symbols, 0, symbols.length);
  }

  /** The tokens that may follow; not empty unless the turn has ended. */
  public TokenSet allowed(TurnState state) {
    if (state instanceof InText text) {
      TokenSet ordinary = constraints.mask(text.constraint(), text.state());
      if (!text.constraint().isComplete(text.state())) {
        return ordinary;
      }
      TokenSet withEnd = ordinary.copy();
      withEnd.add(text.end());
      return withEnd;
    }
    return constraints.mask(this, state, () -> frame(state));
  }

  /**
   * The only token that may follow, where that is seen without looking through the tokens: a
   * special one that each header goes on with, or the end behind a text that cannot go on. Negative
   * elsewhere.
   */
  public int only(TurnState state) {
    if (state instanceof InText text) {
      return text.constraint().isLast(text.state()) ? text.end() : -1;
    }
    if (!(state instanceof InHeader header)) {
      return -1;
    }
    int only = -1;
    for (int i = 0; i < headers.size(); i++) {
      if (header.places().get(i) >= 0) {
        int symbol = headers.get(i).symbols[header.places().get(i)];
        if (symbol < SpecialTokens.FIRST || (only >= 0 && symbol != only)) {
          return -1;
        }
        only = symbol;
      }
    }
    return only;
  }

  private TokenSet frame(TurnState state) {
    TokenSet allowed = new TokenSet(Tokenizer.VOCABULARY_SIZE);
    if (state instanceof InFreeText text) {
      allowed.addRange(0, SpecialTokens.FIRST);
      allowed.add(text.end());
    }
    if (state instanceof InHeader header) {
      for (int i = 0; i < headers.size(); i++) {
        if (header.places().get(i) >= 0) {
          addNext(headers.get(i).symbols, header.places().get(i), allowed);
        }
      }
    }
    return allowed;
  }

  private static void addNext(int[] symbols, int place, TokenSet allowed) {
    if (symbols[place] >= SpecialTokens.FIRST) {
      allowed.add(symbols[place]);
      return;
    }
    int end = place;
    while (symbols[end] < SpecialTokens.FIRST) {
      end++;
    }
    TokenTrie.o200k().addBeginnings(Arrays.copyOfRange(symbols, place, end), allowed);
  }
}
