package io.github.gptoss.engine.harmony;

import io.github.gptoss.engine.tokenizer.SpecialTokens;
import io.github.gptoss.engine.tokenizer.TokenList;
import io.github.gptoss.engine.tokenizer.Tokenizer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Completions as tests write them. */
public final class HarmonyText {
  private static final Pattern MARKER =
      Pattern.compile("<\\|(start|end|message|channel|constrain|return|call|endoftext)\\|>");

  private HarmonyText() {}

  /** Encodes a text in which markers stand for special tokens. */
  public static int[] tokens(String text) {
    Tokenizer tokenizer = Tokenizer.o200kHarmony();
    TokenList out = new TokenList();
    Matcher matcher = MARKER.matcher(text);
    int start = 0;
    while (matcher.find()) {
      tokenizer.encode(text.substring(start, matcher.start()), out);
      out.add(idOf(matcher.group()));
      start = matcher.end();
    }
    tokenizer.encode(text.substring(start), out);
    return out.toArray();
  }

  private static int idOf(String marker) {
    for (int id = SpecialTokens.FIRST; ; id++) {
      if (SpecialTokens.textOf(id).equals(marker)) {
        return id;
      }
    }
  }
}
