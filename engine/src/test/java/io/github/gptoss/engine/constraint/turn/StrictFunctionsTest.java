package io.github.gptoss.engine.constraint.turn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.ConstraintProbe;
import io.github.gptoss.engine.constraint.TurnSpec;
import io.github.gptoss.engine.constraint.compiled.Constraints;
import io.github.gptoss.engine.error.ConstraintException;
import io.github.gptoss.engine.harmony.Conversation;
import io.github.gptoss.engine.harmony.ConversationBuilder;
import io.github.gptoss.engine.tokenizer.Tokenizer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StrictFunctionsTest {
  private static TurnSpec strict(String parameters) {
    Conversation conversation =
        ConversationBuilder.ofPrompt("Hi")
            .tools(
                "[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"strict\":true,\"parameters\":"
                    + parameters
                    + "}}]")
            .build();
    return TurnSpec.of(conversation, null);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"object\"}",
        "{\"type\":[\"object\"]}",
        "{\"properties\":{\"a\":{\"type\":\"integer\"}}}",
        "{\"$ref\":\"#/$defs/p\",\"$defs\":{\"p\":{\"type\":\"object\"}}}",
        "{\"anyOf\":[{\"type\":\"object\"},{\"const\":{\"a\":1}}]}"
      })
  void parametersOfObjectsAreServedHoweverTheySaySo(String parameters) {
    TurnSpec turn = strict(parameters);
    ConstraintProbe.check(turn);
    TurnGrammar grammar = new TurnGrammar(turn, new Constraints(1 << 20));
    assertThat(grammar.allowed(grammar.start()).contains(Tokenizer.o200kHarmony().encode(" to")[0]))
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{}", "{\"type\":[\"object\",\"null\"]}", "{\"enum\":[{},1]}", "{\"minimum\":1}"})
  void parametersOfOtherValuesAreRefused(String parameters) {
    TurnSpec turn = strict(parameters);
    for (Runnable user :
        new Runnable[] {
          () -> ConstraintProbe.check(turn), () -> new TurnGrammar(turn, new Constraints(1 << 20))
        }) {
      assertThatExceptionOfType(ConstraintException.class)
          .isThrownBy(user::run)
          .satisfies(e -> assertThat(e.keyword()).isEqualTo("parameters"))
          .satisfies(e -> assertThat(e.code()).isEqualTo(ConstraintException.Code.INVALID_REQUEST))
          .withMessageContaining("'functions.f'");
    }
  }
}
