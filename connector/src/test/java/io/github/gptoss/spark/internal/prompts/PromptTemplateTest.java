package io.github.gptoss.spark.internal.prompts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.spark.internal.prompts.PromptTemplate.Part;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PromptTemplateTest {
  @Test
  void splitsTextAndColumns() {
    assertThat(PromptTemplate.parse("Summarise {title}: { body }!").parts())
        .containsExactly(
            new Part("Summarise ", false),
            new Part("title", true),
            new Part(": ", false),
            new Part("body", true),
            new Part("!", false));
  }

  @Test
  void readsDoubledBracesAsLiterals() {
    assertThat(PromptTemplate.parse("{{\"a\": \"{a}\"}}").parts())
        .containsExactly(
            new Part("{\"a\": \"", false), new Part("a", true), new Part("\"}", false));
  }

  @Test
  void isEmptyForAnEmptyTemplate() {
    assertThat(PromptTemplate.parse("").parts()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "a {b", "{}", "{ }", "}", "a } b", "{a{b}", "{a}}"})
  void refusesBracesThatDoNotMatch(String template) {
    assertThatExceptionOfType(InvalidConfigException.class)
        .isThrownBy(() -> PromptTemplate.parse(template))
        .withMessageContaining("prompt_template");
  }

  @Property
  void escapedTextComesBackAsItIs(@ForAll String text) {
    String escaped = text.replace("{", "{{").replace("}", "}}");
    String read =
        PromptTemplate.parse(escaped).parts().stream()
            .map(Part::text)
            .collect(Collectors.joining());
    assertThat(read).isEqualTo(text);
  }
}
