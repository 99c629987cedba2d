package io.github.gptoss.spark.internal.prompts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageListTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static String quoted(String text) throws Exception {
    return JSON.writeValueAsString(text);
  }

  private static String message(String content) {
    return "[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"user\",\"content\":"
        + content
        + "}]";
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{\"type\":\"text\",\"text\":\"a \\\"b\\\"\"}]",
        "[ {\"type\": \"text\", \"text\": \"a\"},\n {\"type\": \"refusal\", \"refusal\": \"b\"} ]",
        "[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"image_url\",\"image_url\":{\"url\":\"u\"}}]",
      })
  void aTextOfPartsIsTheParts(String parts) throws Exception {
    String text = quoted(parts);
    assertThat(JSON.readTree(MessageList.withParts(message(text))))
        .isEqualTo(JSON.readTree(message(parts)));
    assertThat(JSON.readTree(MessageList.withParts(message(text).replace("content", "Content"))))
        .isEqualTo(JSON.readTree(message(parts).replace("content", "Content")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[",
        "[]",
        "[1, 2]",
        "[x] buy milk",
        "[\"text\"]",
        "[{\"a\": 1}]",
        "[{\"type\": \"order\", \"text\": \"a\"}]",
        "[{\"type\": \"text\", \"text\": \"a\"}, 1]",
        "{\"type\": \"text\", \"text\": \"a\"}",
      })
  void anotherTextStays(String content) throws Exception {
    String messages = message(quoted(content));
    assertThat(MessageList.withParts(messages)).isSameAs(messages);
  }

  @Test
  void onlyTheContentOfAMessageStandsForParts() throws Exception {
    String parts = quoted("[{\"type\":\"text\",\"text\":\"a\"}]");
    String messages = "[{\"role\":\"user\",\"name\":" + parts + "}]";
    assertThat(MessageList.withParts(messages)).isSameAs(messages);
    assertThat(MessageList.withParts(null)).isNull();
  }
}
