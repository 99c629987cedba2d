package io.github.gptoss.engine.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.github.gptoss.engine.constraint.compiled.Constraints;
import io.github.gptoss.engine.constraint.turn.TurnGrammar;
import io.github.gptoss.engine.constraint.turn.TurnState;
import io.github.gptoss.engine.error.ConstraintException;
import io.github.gptoss.engine.harmony.HarmonyEncoding;
import io.github.gptoss.engine.harmony.Message;
import io.github.gptoss.engine.harmony.ParseMode;
import io.github.gptoss.engine.harmony.Role;
import io.github.gptoss.engine.sampling.TokenSet;
import io.github.gptoss.engine.tokenizer.SpecialTokens;
import io.github.gptoss.engine.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Random walks through the tokens that turns allow, read back by the parser of Harmony. */
class TurnWalkTest {
  private static final int MAX_TOKENS = 600;
  private static final Tokenizer TOKENIZER = Tokenizer.o200kHarmony();
  private static final Constraints CONSTRAINTS = new Constraints(32 << 20);
  private static final List<String> CLOSING = List.of("\"", "}", "]", "}}", "\"}");

  @Property(tries = 150)
  void turnsEndInMessagesThatFit(@ForAll long seed) {
    Random random = new Random(seed);
    RandomSchemas schemas = new RandomSchemas(random);
    Walk walk = null;
    while (walk == null) {
      walk = walk(random, schemas.schema(2), schemas.object(2));
    }
    walk.walk();
  }

  /** Null where no value fits one of the schemas: random conditions may contradict each other. */
  private static Walk walk(Random random, ObjectNode answer, ObjectNode parameters) {
    TurnSpec turn =
        new TurnSpec(
            ConstraintSpec.ofSchema(answer, random.nextBoolean()),
            List.of(
                new TurnSpec.Function(
                    "functions.strict", ConstraintSpec.ofSchema(parameters, true)),
                new TurnSpec.Function("functions.free", null),
                new TurnSpec.Function("python", null)));
    try {
      TurnGrammar grammar = new TurnGrammar(turn, CONSTRAINTS);
      return new Walk(answer, parameters, grammar, random, new ArrayList<>());
    } catch (ConstraintException e) {
      assertThat(e.code()).isEqualTo(ConstraintException.Code.UNSATISFIABLE_SCHEMA);
      return null;
    }
  }

  private record Walk(
      ObjectNode answer,
      ObjectNode parameters,
      TurnGrammar grammar,
      Random random,
      List<Integer> tokens) {
    void walk() {
      TurnState state = grammar.start();
      while (!(state instanceof TurnState.Ended)) {
        if (tokens.size() == MAX_TOKENS) {
          return;
        }
        TokenSet allowed = grammar.allowed(state);
        assertThat(allowed.count()).as("after %s", tokens).isPositive();
        checkSomeTokens(state, allowed);
        int token = chosen(state, allowed);
        tokens.add(token);
        state = grammar.next(state, token);
        assertThat(state).isNotNull();
      }
      assertThat(grammar.allowed(state).count()).isZero();
      checkMessages();
    }

    private void checkSomeTokens(TurnState state, TokenSet allowed) {
      for (int i = 0; i < 100; i++) {
        int token =
            random.nextInt(4) == 0
                ? SpecialTokens.FIRST + random.nextInt(16)
                : random.nextInt(Tokenizer.VOCABULARY_SIZE);
        assertThat(allowed.contains(token))
            .as("token %d in %s", token, state)
            .isEqualTo(grammar.next(state, token) != null);
      }
    }

    private int chosen(TurnState state, TokenSet allowed) {
      if (state instanceof TurnState.InFreeText text) {
        int[] words = TOKENIZER.encode(" so it is");
        return random.nextInt(4) == 0 ? text.end() : words[random.nextInt(words.length)];
      }
      if (state instanceof TurnState.InText text
          && allowed.contains(text.end())
          && random.nextInt(3) == 0) {
        return text.end();
      }
      for (String closing : CLOSING) {
        int[] ids = TOKENIZER.encode(closing);
        if (ids.length == 1 && allowed.contains(ids[0]) && random.nextInt(3) == 0) {
          return ids[0];
        }
      }
      int[] ids = allowed.toArray();
      return ids[random.nextInt(ids.length)];
    }

    private void checkMessages() {
      int[] turn = tokens.stream().mapToInt(Integer::intValue).toArray();
      List<Message> messages =
          HarmonyEncoding.gptOss().parse(turn, Role.ASSISTANT, ParseMode.STRICT);
      for (Message before : messages.subList(0, messages.size() - 1)) {
        assertThat(before.channel()).isIn("analysis", "commentary");
        assertThat(before.recipient()).isNull();
      }
      Message last = messages.get(messages.size() - 1);
      if (turn[turn.length - 1] == SpecialTokens.RETURN) {
        assertThat(last.channel()).isEqualTo("final");
        assertThat(last.recipient()).isNull();
        requireValid(last.text(), answer);
        return;
      }
      assertThat(turn[turn.length - 1]).isEqualTo(SpecialTokens.CALL);
      assertThat(last.recipient()).isIn("functions.strict", "functions.free", "python");
      if (last.recipient().equals("functions.strict")) {
        requireValid(last.text(), parameters);
      }
    }

    private static void requireValid(String json, ObjectNode schema) {
      assertThat(
              JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                  .getSchema(schema)
                  .validate(json, InputFormat.JSON))
          .as("%s of %s", json, schema)
          .isEmpty();
    }
  }
}
