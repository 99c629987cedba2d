package io.github.gptoss.engine.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.github.gptoss.engine.constraint.compiled.Constraint;
import io.github.gptoss.engine.constraint.grammar.State;
import io.github.gptoss.engine.constraint.mask.LexemeMasks;
import io.github.gptoss.engine.error.ConstraintException;
import io.github.gptoss.engine.error.ConstraintException.Code;
import io.github.gptoss.engine.sampling.TokenSet;
import io.github.gptoss.engine.tokenizer.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Random walks through the masks of random schemas, judged by an independent validator. */
class ConstraintWalkTest {
  private static final int MAX_TOKENS = 400;
  private static final LexemeMasks LEXEMES = new LexemeMasks(16 << 20);
  private static final Tokenizer TOKENIZER = Tokenizer.o200kHarmony();

  private static Constraint compiled(ObjectNode schema, boolean allowsSpaces) {
    try {
      return Constraint.compile(ConstraintSpec.ofSchema(schema, allowsSpaces));
    } catch (ConstraintException e) {
      // Random conditions may contradict each other; all kinds of them are served.
      assertThat(e.code()).as(schema.toString()).isEqualTo(Code.UNSATISFIABLE_SCHEMA);
      return null;
    }
  }

  /** A walk may write a number of more than the 1,000 digits that Jackson reads by default. */
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNumberLength(1 << 20).build())
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private static JsonSchema validator(JsonNode schema) {
    return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(schema);
  }

  @Property(tries = 150)
  void walksNeverGetStuckAndEndInValidTexts(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    ObjectNode schema = new RandomSchemas(random).schema(3);
    Constraint constraint = compiled(schema, random.nextBoolean());
    if (constraint == null) {
      return;
    }
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    State state = constraint.start();
    for (int tokens = 0; tokens < MAX_TOKENS; tokens++) {
      TokenSet mask = constraint.mask(state, LEXEMES);
      int[] allowed = mask.toArray();
      boolean isComplete = constraint.isComplete(state);
      assertThat(allowed.length > 0 || isComplete).as("%s after %s", schema, text).isTrue();
      checkSomeTokens(constraint, state, mask, random);
      // Short texts are rare among tokens, so those that close something are tried more often.
      if (isComplete && (allowed.length == 0 || random.nextInt(3) == 0)) {
        String json = text.toString(StandardCharsets.UTF_8);
        assertThat(validator(schema).validate(JSON.readTree(json)))
            .as("%s of %s", json, schema)
            .isEmpty();
        return;
      }
      int token = closing(mask, random, allowed);
      byte[] bytes = TOKENIZER.decodeToBytes(token);
      text.writeBytes(bytes);
      state = constraint.next(state, bytes);
      assertThat(state).isNotNull();
    }
  }

  private static int closing(TokenSet mask, Random random, int[] allowed) {
    for (String closing : new String[] {"\"", "}", "]", "}}", "\"}"}) {
      int[] ids = TOKENIZER.encode(closing);
      if (ids.length == 1 && mask.contains(ids[0]) && random.nextInt(3) == 0) {
        return ids[0];
      }
    }
    return allowed[random.nextInt(allowed.length)];
  }

  /** A mask says of each token what the automaton says of its bytes. */
  private static void checkSomeTokens(
      Constraint constraint, State state, TokenSet mask, Random random) {
    for (int i = 0; i < 300; i++) {
      int token = random.nextInt(199_998);
      assertThat(mask.contains(token))
          .as("token %d", token)
          .isEqualTo(constraint.next(state, TOKENIZER.decodeToBytes(token)) != null);
    }
  }

  @Test
  void allTokensOfAnyStateAreJudgedAsTheirBytes() throws Exception {
    JsonNode schema =
        new ObjectMapper()
            .readTree(
                "{\"type\": \"object\", \"properties\": {\"s\": {\"type\": \"string\", \"maxLength\": 6},"
                    + " \"p\": {\"type\": \"string\", \"pattern\": \"^[a-z ]+\\\\.$\"}},"
                    + " \"additionalProperties\": {\"type\": \"array\"}}");
    Constraint constraint = Constraint.compile(ConstraintSpec.ofSchema(schema, true));
    for (String prefix :
        new String[] {
          "",
          "{",
          "{\"",
          "{\"s\":\"",
          "{\"s\":\"ab",
          "{\"s\":\"\\u00",
          "{\"p\":\"a b",
          "{\"s\":\"x\",\"z\":[1,{\"a\":\"",
          "{\"q\\"
        }) {
      State state = constraint.next(constraint.start(), prefix.getBytes(StandardCharsets.UTF_8));
      TokenSet mask = constraint.mask(state, LEXEMES);
      for (int token = 0; token < 199_998; token++) {
        if (mask.contains(token)
            != (constraint.next(state, TOKENIZER.decodeToBytes(token)) != null)) {
          throw new AssertionError("token " + token + " after " + prefix);
        }
      }
    }
  }
}
