package io.github.gptoss.engine.harmony;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.engine.tokenizer.Tokenizer;
import java.util.List;
import org.junit.jupiter.api.Test;

class HarmonyEncodingTest {
  private final HarmonyEncoding encoding = HarmonyEncoding.gptOss();

  @Test
  void rendersAsOpenAiHarmonyDoes() {
    List<JsonNode> cases = Goldens.harmony("render.jsonl");
    assertThat(cases).hasSize(120);
    for (JsonNode golden : cases) {
      String name = golden.get("name").asText();
      Conversation conversation = HarmonyJson.read(golden.get("messages"));
      boolean drop = golden.get("auto_drop_analysis").booleanValue();
      assertTokens(
          name + " completion",
          golden.get("completion"),
          encoding.renderForCompletion(conversation, Role.ASSISTANT, drop));
      assertTokens(
          name + " conversation",
          golden.get("conversation"),
          encoding.renderConversation(conversation, drop));
      assertTokens(
          name + " training",
          golden.get("training"),
          encoding.renderForTraining(conversation, drop));
    }
  }

  @Test
  void writesTheJsonThatItRead() {
    for (JsonNode golden : Goldens.harmony("render.jsonl")) {
      JsonNode messages = golden.get("messages");
      assertThat(HarmonyJson.write(HarmonyJson.read(messages).messages())).isEqualTo(messages);
    }
  }

  @Test
  void parsesAsOpenAiHarmonyDoes() {
    List<JsonNode> cases = Goldens.harmony("parse.jsonl");
    assertThat(cases).hasSize(480);
    for (JsonNode golden : cases) {
      String name = golden.get("name").asText() + " strict=" + golden.get("strict");
      int[] tokens = Goldens.ids(golden.get("tokens"));
      Role role = Role.fromText(golden.get("role").asText());
      ParseMode mode = golden.get("strict").booleanValue() ? ParseMode.STRICT : ParseMode.LENIENT;
      if (golden.has("error")) {
        assertThatThrownBy(() -> encoding.parse(tokens, role, mode))
            .as(name)
            .isInstanceOfSatisfying(
                InvalidRequestException.class,
                e -> assertThat(e.code()).isEqualTo("malformed_completion"));
      } else {
        assertThat(HarmonyJson.write(encoding.parse(tokens, role, mode)))
            .as(name)
            .isEqualTo(golden.get("messages"));
      }
    }
  }

  private static void assertTokens(String name, JsonNode expected, int[] actual) {
    int[] ids = Goldens.ids(expected);
    Tokenizer tokenizer = Tokenizer.o200kHarmony();
    assertThat(tokenizer.decode(actual)).as(name).isEqualTo(tokenizer.decode(ids));
    assertThat(actual).as(name).isEqualTo(ids);
  }
}
