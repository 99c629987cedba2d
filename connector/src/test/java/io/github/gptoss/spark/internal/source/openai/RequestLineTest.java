package io.github.gptoss.spark.internal.source.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestLineTest {
  /** What every request of {@link #chat} has. */
  private static final Map.Entry<String, String> MODEL = entry("requested_model", "m");

  private static final String USER = "[{\"role\":\"user\",\"content\":\"hi\"}]";

  private static RequestLine read(String line) {
    return RequestLine.read(line, true, true);
  }

  private static String line(String url, String body) {
    return "{\"custom_id\": \"a\", \"method\": \"POST\", \"url\": \""
        + url
        + "\", \"body\": "
        + body
        + "}";
  }

  private static RequestLine chat(String fields) {
    return read(line(RequestLine.CHAT, "{\"model\": \"m\", \"messages\": " + USER + fields + "}"));
  }

  private static RequestLine responses(String fields) {
    return read(line(RequestLine.RESPONSES, "{" + fields + "}"));
  }

  private static void assertError(RequestLine line, String code, String text) {
    assertThat(line.error()).isNotNull();
    assertThat(line.error().code()).isEqualTo(code);
    assertThat(line.error()).hasMessageContaining(text);
    assertThat(line.error().getMessage()).doesNotContain("\n", "secret");
    assertThat(line.messages()).isNull();
    assertThat(line.parameters()).isEmpty();
  }

  @Test
  void takesFloatsThatAreIntegers() {
    RequestLine line =
        chat(", \"max_tokens\": 100.0, \"seed\": 1.2e10, \"top_k\": 4e1, \"n\": 1.0");
    assertThat(line.error()).isNull();
    assertThat(line.parameters())
        .containsOnly(
            MODEL,
            entry("max_tokens", "100"),
            entry("seed", "12000000000"),
            entry("top_k", "40"),
            entry("n", "1"));
  }

  @Test
  void theNumbersOfSchemasStayExact() {
    String format =
        "{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"f\",\"schema\":{\"const\":"
            + "0.123456789012345678901}}}";
    assertThat(chat(", \"temperature\": 0.5, \"response_format\": " + format).parameters())
        .containsOnly(MODEL, entry("temperature", "0.5"), entry("response_format", format));
  }

  @Test
  void readsARequestWithEveryParameter() {
    RequestLine line =
        chat(
            ", \"reasoning_effort\": \"high\", \"max_tokens\": 1, \"max_completion_tokens\": 20,"
                + " \"temperature\": 0.5, \"top_p\": 0.9, \"top_k\": 40, \"min_p\": 0.1,"
                + " \"presence_penalty\": 1, \"frequency_penalty\": -1, \"seed\": 12345678901,"
                + " \"stop\": \"[end]\", \"logit_bias\": {\"5\": -100}, \"n\": 1, \"user\": \"u\","
                + " \"stream\": false, \"logprobs\": false, \"metadata\": {\"k\": \"v\"},"
                + " \"response_format\": {\"type\": \"json_object\"}, \"audio\": null,"
                + " \"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"f\"}}]");
    assertThat(line.error()).isNull();
    assertThat(line.customId()).isEqualTo("a");
    assertThat(line.model()).isEqualTo("m");
    assertThat(line.messages()).isEqualTo(USER);
    assertThat(line.parameters())
        .containsOnly(
            MODEL,
            entry("reasoning_effort", "high"),
            entry("max_tokens", "20"),
            entry("temperature", "0.5"),
            entry("top_p", "0.9"),
            entry("top_k", "40"),
            entry("min_p", "0.1"),
            entry("presence_penalty", "1"),
            entry("frequency_penalty", "-1"),
            entry("seed", "12345678901"),
            entry("stop", "[\"[end]\"]"),
            entry("logit_bias", "{\"5\":-100}"),
            entry("n", "1"),
            entry("response_format", "{\"type\":\"json_object\"}"),
            entry("tools", "[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]"));
  }

  @Test
  void takesReasoningEffortInEitherForm() {
    assertThat(chat(", \"reasoning\": {\"effort\": \"low\"}").parameters())
        .containsOnly(MODEL, entry("reasoning_effort", "low"));
  }

  @Test
  void hidesToolsThatMayNotBeCalled() {
    String tools = ", \"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"f\"}}]";
    assertThat(chat(tools + ", \"tool_choice\": \"none\"").parameters()).containsOnly(MODEL);
    assertError(chat(tools + ", \"tool_choice\": \"required\""), "unsupported_parameter", "auto");
  }

  @Test
  void keepsTheCustomIdOfARequestItRefuses() {
    RequestLine line = chat(", \"verbosity\": \"low\"");
    assertError(line, "unsupported_parameter", "body.verbosity");
    assertThat(line.customId()).isEqualTo("a");
    assertThat(line.url()).isEqualTo(RequestLine.CHAT);
    assertThat(line.body()).contains("\"verbosity\":\"low\"");
    assertThat(read("{\"custom_id\": 17}").customId()).isEqualTo("17");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "stream | true",
        "logprobs | true",
        "top_logprobs | 3",
        "modalities | [\"audio\"]",
        "audio | {\"voice\": \"secret\"}",
        "functions | [{\"name\": \"f\"}]",
        "verbosity | \"low\"",
        "tool_choice | {\"type\": \"function\", \"function\": {\"name\": \"secret\"}}"
      })
  void refusesWhatWouldChangeTheAnswerAndIsNotServed(String field, String value) {
    assertError(chat(", \"" + field + "\": " + value), "unsupported_parameter", "body." + field);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "temperature | \"0.5\"",
        "max_tokens | 1.5",
        "max_tokens | \"many\"",
        "seed | true",
        "stop | 5",
        "tools | {}",
        "logit_bias | []",
        "response_format | \"json\"",
        "reasoning_effort | 3",
        "n | \"2\"",
        "n | 1.5",
        "model | 4"
      })
  void refusesWrongTypes(String field, String value) {
    String body =
        field.equals("model")
            ? "{\"model\": 4, \"messages\": " + USER + "}"
            : "{\"messages\": " + USER + ", \"" + field + "\": " + value + "}";
    assertError(read(line(RequestLine.CHAT, body)), "invalid_type", "body." + field);
  }

  @Test
  void refusesUnknownParametersAndNamesTheNearest() {
    assertError(chat(", \"temprature\": 1"), "unknown_parameter", "did you mean 'temperature'?");
    assertError(responses("\"input\": \"x\", \"messages\": []"), "unknown_parameter", "messages");
    assertError(responses("\"input\": \"x\", \"n\": 2"), "unknown_parameter", "'n'");
  }

  @Test
  void refusesLinesThatAreNoRequests() {
    assertError(read("{\"secret"), "invalid_json_line", "character");
    assertError(read("[1]"), "invalid_json_line", "another value");
    assertError(read("{} {}"), "invalid_json_line", "character");
    assertError(read("{\"a\": 1, \"a\": 2}"), "invalid_json_line", "character");
    assertError(read("[".repeat(5000)), "invalid_json_line", "character");
    assertError(RequestLine.read("{}", false, true), "invalid_json_line", "UTF-8");
    assertError(read("{}"), "missing_required_parameter", "custom_id");
    assertError(read("{\"custom_id\": \"\"}"), "missing_required_parameter", "custom_id");
    assertError(read("{\"custom_id\": 5}"), "invalid_type", "custom_id");
    assertError(read("{\"custom_id\": \"a\"}"), "missing_required_parameter", "method");
    assertError(
        read("{\"custom_id\": \"a\", \"method\": \"GET\", \"url\": \"/v1/responses\"}"),
        "invalid_method",
        "POST");
    assertError(read(line("/v1/embeddings", "{}")), "invalid_url", "/v1/chat/completions");
    assertError(read(line("/v1/completions", "{}")), "invalid_url", "/v1/responses");
    assertError(
        read("{\"custom_id\": \"a\", \"method\": \"POST\", \"url\": \"/v1/responses\"}"),
        "missing_required_parameter",
        "body");
    assertError(read(line(RequestLine.CHAT, "\"x\"")), "invalid_type", "body");
    assertError(read(line(RequestLine.CHAT, "{}")), "missing_required_parameter", "messages");
    assertError(
        read(line(RequestLine.CHAT, "{\"messages\": []}")), "invalid_type", "body.messages");
    assertError(
        RequestLine.read(line(RequestLine.CHAT, "{}"), true, false), "duplicate_custom_id", "own");
  }

  @Test
  void readsAByteOrderMark() {
    assertThat(read("\uFEFF" + line(RequestLine.CHAT, "{\"messages\": " + USER + "}")).error())
        .isNull();
    assertThat(BatchJson.customId("\uFEFF{\"body\": {\"custom_id\": 1}, \"custom_id\": \"z\"}"))
        .isEqualTo("z");
  }

  @Test
  void readsLinesOfTenMegabytes() {
    String text = "word ".repeat(2_000_000);
    RequestLine line =
        read(
            line(
                RequestLine.CHAT,
                "{\"messages\": [{\"role\": \"user\", \"content\": \"" + text + "\"}]}"));
    assertThat(line.error()).isNull();
    assertThat(line.messages()).hasSizeGreaterThan(10_000_000);
  }

  @Test
  void turnsResponsesItemsIntoMessages() {
    RequestLine line =
        responses(
            "\"instructions\": \"Be brief.\", \"max_output_tokens\": 9, \"store\": true,"
                + " \"reasoning\": {\"effort\": \"low\", \"summary\": \"auto\"},"
                + " \"input\": [{\"role\": \"user\", \"content\": \"a\"},"
                + " {\"type\": \"reasoning\", \"id\": \"rs\", \"summary\": [], \"content\":"
                + " [{\"type\": \"reasoning_text\", \"text\": \"r\"}]},"
                + " {\"type\": \"function_call\", \"call_id\": \"c\", \"name\": \"f\","
                + " \"arguments\": \"{}\"},"
                + " {\"type\": \"function_call_output\", \"call_id\": \"c\", \"output\": \"o\"}],"
                + " \"tools\": [{\"type\": \"function\", \"name\": \"f\", \"strict\": true}],"
                + " \"text\": {\"format\": {\"type\": \"json_schema\", \"name\": \"n\","
                + " \"schema\": {}}}");
    assertThat(line.error()).isNull();
    assertThat(line.messages())
        .isEqualTo(
            "[{\"role\":\"developer\",\"content\":\"Be brief.\"},"
                + "{\"role\":\"user\",\"content\":\"a\"},"
                + "{\"role\":\"assistant\",\"reasoning\":\"r\"},"
                + "{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c\",\"function\":"
                + "{\"name\":\"f\",\"arguments\":\"{}\"}}]},"
                + "{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"o\"}]");
    assertThat(line.parameters())
        .containsOnly(
            entry("reasoning_effort", "low"),
            entry("max_tokens", "9"),
            entry(
                "response_format",
                "{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"n\",\"schema\":{}}}"),
            entry(
                "tools",
                "[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"strict\":true}}]"));
    assertThat(responses("\"input\": \"x\"").messages())
        .isEqualTo("[{\"role\":\"user\",\"content\":\"x\"}]");
  }

  @Test
  void takesRefusalsOfResponsesItems() {
    String refusal = "[{\"type\":\"refusal\",\"refusal\":\"No.\"}]";
    RequestLine line =
        responses(
            "\"input\": [{\"type\": \"message\", \"role\": \"assistant\", \"content\": "
                + refusal
                + "}, {\"role\": \"assistant\", \"content\": null, \"refusal\": \"No.\"}]");
    assertThat(line.error()).isNull();
    assertThat(line.messages())
        .isEqualTo(
            "[{\"role\":\"assistant\",\"content\":"
                + refusal
                + "},{\"role\":\"assistant\",\"content\":null,\"refusal\":\"No.\"}]");
  }

  @Test
  void refusesResponsesThatNeedAServer() {
    assertError(
        responses("\"input\": \"x\", \"previous_response_id\": \"secret\""),
        "unsupported_parameter",
        "previous_response_id");
    assertError(
        responses("\"input\": \"x\", \"tools\": [{\"type\": \"web_search\"}]"),
        "unsupported_parameter",
        "functions only");
    assertError(
        responses("\"input\": [{\"type\": \"item_reference\", \"id\": \"secret\"}]"),
        "unsupported_parameter",
        "body.input[0].type");
    assertError(responses("\"model\": \"m\""), "missing_required_parameter", "body.input");
  }
}
