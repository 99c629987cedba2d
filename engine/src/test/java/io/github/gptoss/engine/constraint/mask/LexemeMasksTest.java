package io.github.gptoss.engine.constraint.mask;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.gptoss.engine.constraint.ConstraintSpec;
import io.github.gptoss.engine.constraint.compiled.Constraint;
import io.github.gptoss.engine.constraint.grammar.State;
import io.github.gptoss.engine.sampling.TokenSet;
import io.github.gptoss.engine.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LexemeMasksTest {
  private static final Tokenizer TOKENIZER = Tokenizer.o200kHarmony();

  private final LexemeMasks lexemes = new LexemeMasks(64 << 20);

  private static Constraint sentence(int maxLength) {
    return Constraint.compile(
        ConstraintSpec.ofSchema(
            JsonNodeFactory.instance
                .objectNode()
                .put("type", "string")
                .put("pattern", "^(?:[^.]+\\.)+(?:ab|cde)$")
                .put("maxLength", maxLength),
            true));
  }

  private static State after(Constraint constraint, String text) {
    return constraint.next(constraint.start(), text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void positionsFarFromTheGreatestLengthShareAMask() {
    Constraint constraint = sentence(5_000);
    constraint.mask(after(constraint, "\"a"), lexemes);
    long bytes = lexemes.bytes();
    for (int length = 2; length < 200; length++) {
      constraint.mask(after(constraint, "\"" + "a".repeat(length)), lexemes);
    }
    assertThat(lexemes.bytes()).isEqualTo(bytes).isPositive();
  }

  /** The longest token has 128 characters, all of them spaces. */
  @ParameterizedTest
  @ValueSource(ints = {40, 128, 130, 131, 132, 133, 134, 200})
  void sharedMasksAreThoseOfTheirPlaces(int maxLength) {
    Constraint constraint = sentence(maxLength);
    State state = after(constraint, "\"a");
    TokenSet mask = constraint.mask(state, lexemes);
    for (int token = 0; token < TokenTrie.TOKENS; token++) {
      if (mask.contains(token)
          != (constraint.next(state, TOKENIZER.decodeToBytes(token)) != null)) {
        throw new AssertionError("token " + token + " of at most " + maxLength);
      }
    }
  }
}
