package io.github.gptoss.engine.harmony;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.engine.tokenizer.SpecialTokens;
import io.github.gptoss.engine.tokenizer.Tokenizer;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConversationBuilderTest {
  private static final String SYSTEM =
      "<|start|>system<|message|>You are ChatGPT, a large language model trained by OpenAI.\n"
          + "Knowledge cutoff: 2024-06\n\nReasoning: %s\n\n# Valid channels: analysis, commentary,"
          + " final. Channel must be included for every message.%s<|end|>";
  private static final String TOOLS =
      """
      [{"type": "function", "function": {"name": "get_weather", "description": "Gets it.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}},
                       "required": ["city"]}}},
       {"type": "function", "name": "now"}]""";
  private static final String TOOL_TEXT =
      "# Tools\n\n## functions\n\nnamespace functions {\n\n// Gets it.\ntype get_weather = (_: {\n"
          + "city: string,\n}) => any;\n\ntype now = () => any;\n\n} // namespace functions";

  @Test
  void promptsShowTheNearestDoubles() {
    String tools =
        "[{\"type\": \"function\", \"function\": {\"name\": \"f\", \"parameters\": {\"type\":"
            + " \"object\", \"properties\": {\"x\": {\"type\": \"number\", \"default\": %s}}}}}]";
    String format =
        "{\"type\": \"json_schema\", \"json_schema\": {\"name\": \"f\", \"schema\": {\"const\": %s}}}";
    for (String number : List.of("0.100000000000000000001", "0.1", "1e-1", "0.10")) {
      assertThat(
              rendered(
                  ConversationBuilder.ofPrompt("Hi")
                      .tools(tools.formatted(number))
                      .responseFormat(format.formatted(number))))
          .contains("x?: number, // default: 0.1\n", "{\"const\":0.1}");
    }
    assertThat(
            rendered(ConversationBuilder.ofPrompt("Hi").responseFormat(format.formatted("1e400"))))
        .contains("{\"const\":1E+400}");
  }

  @Test
  void addsTheDefaultSystemMessageToAPrompt() {
    assertThat(rendered(ConversationBuilder.ofPrompt("Hi")))
        .isEqualTo(system("medium") + "<|start|>user<|message|>Hi<|end|><|start|>assistant");
  }

  @Test
  void explicitParametersOverrideTheConversation() {
    String messages =
        "[{\"role\": \"system\", \"content\": \"Be kind.\"}, {\"role\": \"user\", \"content\": \"Hi\"}]";
    assertThat(rendered(ConversationBuilder.ofMessages(messages)))
        .contains("<|start|>developer<|message|># Instructions\n\nBe kind.<|end|>");
    assertThat(
            rendered(
                ConversationBuilder.ofMessages(messages)
                    .developer("Be brief.")
                    .system("You are a worker.")
                    .reasoningEffort("HIGH")))
        .contains("<|message|># Instructions\n\nBe brief.<|end|>")
        .contains("<|message|>You are a worker.\nKnowledge cutoff")
        .contains("Reasoning: high")
        .doesNotContain("kind");
  }

  @Test
  void keysThatAreNullDoNotMakeAMessageHarmonys() {
    assertThat(
            rendered(
                ConversationBuilder.ofMessages(
                    "[{\"role\": \"system\", \"content\": \"Be kind.\", \"channel\": null},"
                        + " {\"role\": \"user\", \"content\": \"Hi\", \"recipient\": null}]")))
        .contains("<|start|>developer<|message|># Instructions\n\nBe kind.<|end|>");
  }

  @Test
  void effortNoneLeavesTheLineOut() {
    assertThat(rendered(ConversationBuilder.ofPrompt("Hi").reasoningEffort("none")))
        .doesNotContain("Reasoning:");
  }

  @Test
  void toolsAndResponseFormatMakeADeveloperMessage() {
    String format =
        """
        {"type": "json_schema", "json_schema": {"name": "shopping_list", "description": "What to buy",
          "schema": {"properties": {"items": {"type": "array"}}, "type": "object"}}}""";
    assertThat(rendered(ConversationBuilder.ofPrompt("Hi").tools(TOOLS).responseFormat(format)))
        .startsWith(
            SYSTEM.formatted(
                    "medium",
                    "\nCalls to these tools must go to the commentary channel: 'functions'.")
                + "<|start|>developer<|message|>"
                + TOOL_TEXT
                + "\n\n# Response Formats\n\n## shopping_list\n\n// What to buy\n"
                + "{\"properties\":{\"items\":{\"type\":\"array\"}},\"type\":\"object\"}<|end|>"
                + "<|start|>user");
    for (String type : List.of("json_object", "text")) {
      assertThat(
              rendered(
                  ConversationBuilder.ofPrompt("Hi")
                      .responseFormat("{\"type\": \"" + type + "\"}")
                      .tools("[]")))
          .doesNotContain("developer");
    }
  }

  @Test
  void readsAToolConversationOfTheChatApi() {
    String messages =
        """
        [{"role": "system", "content": "One."},
         {"role": "developer", "content": [{"type": "text", "text": "Two."}]},
         {"role": "user", "content": [{"type": "text", "text": "Weather "}, {"type": "text", "text": "in Rome?"}]},
         {"role": "assistant", "content": "Let me see.", "reasoning_content": "A call.",
          "tool_calls": [{"id": "c1", "type": "function",
                          "function": {"name": "get_weather", "arguments": "{\\"city\\": \\"Rome\\"}"}}]},
         {"role": "tool", "tool_call_id": "c1", "content": "rain"},
         {"role": "tool", "name": "now", "content": "noon"}]""";
    assertThat(rendered(ConversationBuilder.ofMessages(messages).tools(TOOLS)))
        .endsWith(
            "<|start|>developer<|message|># Instructions\n\nOne.\n\nTwo.\n\n"
                + TOOL_TEXT
                + "<|end|><|start|>user<|message|>Weather in Rome?<|end|>"
                + "<|start|>assistant<|channel|>analysis<|message|>A call.<|end|>"
                + "<|start|>assistant<|channel|>commentary<|message|>Let me see.<|end|>"
                + "<|start|>assistant to=functions.get_weather<|channel|>commentary"
                + " <|constrain|>json<|message|>{\"city\": \"Rome\"}<|call|>"
                + "<|start|>functions.get_weather to=assistant<|channel|>commentary<|message|>rain<|end|>"
                + "<|start|>functions.now to=assistant<|channel|>commentary<|message|>noon<|end|>"
                + "<|start|>assistant");
  }

  @Test
  void dropsReasoningBeforeAnAnswerOfTheChatApi() {
    String messages =
        """
        {"messages": [{"role": "user", "content": "2+2?"},
         {"role": "assistant", "content": "4", "thinking": "easy"},
         {"role": "user", "content": "3+3?"}]}""";
    assertThat(rendered(ConversationBuilder.ofMessages(messages)))
        .doesNotContain("easy")
        .contains("<|channel|>final<|message|>4<|end|>");
  }

  @Test
  void dropsReasoningBeforeTheLastAnswerAndKeepsThatOfATurnUnderWay() {
    String finished =
        """
        {"role": "user", "content": "Q%1$d"},
        {"role": "assistant", "reasoning_content": "first%1$d", "tool_calls": [
          {"id": "c%1$d", "function": {"name": "f", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "c%1$d", "content": "R%1$d"},
        {"role": "assistant", "reasoning_content": "second%1$d", "content": "A%1$d"}""";
    String underWay =
        """
        {"role": "user", "content": "Q3"},
        {"role": "assistant", "reasoning": "stays"},
        {"role": "assistant", "content": "Let me see."},
        {"role": "assistant", "thinking": "too", "tool_calls": [
          {"id": "c3", "function": {"name": "f", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "c3", "content": "R3"}""";
    String history = finished.formatted(1) + "," + finished.formatted(2);
    String next = rendered(ConversationBuilder.ofMessages("[" + history + "," + underWay + "]"));
    assertThat(next).doesNotContain("first", "second").contains("A1", "A2", "R1", "R2");
    assertThat(next)
        .endsWith(
            "<|start|>user<|message|>Q3<|end|>"
                + "<|start|>assistant<|channel|>analysis<|message|>stays<|end|>"
                + "<|start|>assistant<|channel|>commentary<|message|>Let me see.<|end|>"
                + "<|start|>assistant<|channel|>analysis<|message|>too<|end|>"
                + "<|start|>assistant to=functions.f<|channel|>commentary <|constrain|>json"
                + "<|message|>{}<|call|><|start|>functions.f to=assistant<|channel|>commentary"
                + "<|message|>R3<|end|><|start|>assistant");
    assertThat(rendered(ConversationBuilder.ofMessages("[" + history + "]")))
        .doesNotContain("analysis<|message|>");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"content\": null, \"refusal\": \"I can't.\"",
        "\"refusal\": \"I can't.\"",
        "\"content\": \"\", \"refusal\": \"I can't.\"",
        "\"content\": [{\"type\": \"refusal\", \"refusal\": \"I can't.\"}]",
        "\"content\": [{\"type\": \"refusal\", \"refusal\": \"I can't.\"}], \"refusal\": null",
      })
  void aRefusalIsTheAssistantsText(String fields) {
    String messages =
        "[{\"role\": \"user\", \"content\": \"Q\"}, {\"role\": \"assistant\", "
            + fields
            + "}, {\"role\": \"user\", \"content\": \"Why?\"}]";
    assertThat(rendered(ConversationBuilder.ofMessages(messages)))
        .contains("<|start|>assistant<|channel|>final<|message|>I can't.<|end|><|start|>user");
  }

  @Test
  void fieldsMatchInAnyCase() {
    String messages =
        """
        {"Messages": [{"Role": "user", "CONTENT": [{"Type": "text", "Text": "Q"}]},
         {"Role": "assistant", "Tool_Calls": [
           {"Id": "c", "Function": {"Name": "f", "Arguments": {"Name": 1}}}]},
         {"role": "tool", "Role": "user", "Tool_Call_Id": "c", "Content": "R"}]}""";
    assertThat(rendered(ConversationBuilder.ofMessages(messages)))
        .endsWith(
            "<|start|>user<|message|>Q<|end|><|start|>assistant to=functions.f<|channel|>commentary"
                + " <|constrain|>json<|message|>{\"Name\":1}<|call|><|start|>functions.f"
                + " to=assistant<|channel|>commentary<|message|>R<|end|><|start|>assistant");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"channel\": \"email\"",
        "\"channel\": 3",
        "\"recipient\": \"ann@example.com\"",
        "\"content_type\": \"text/plain\"",
      })
  void aFieldOfTheCallersOwnDoesNotMakeItHarmony(String field) {
    String messages =
        """
        [{"role": "system", "content": "Be kind.", %1$s}, {"role": "user", "content": "Hi", %1$s},
         {"role": "assistant", "content": "Ho", %1$s}, {"role": "user", "content": "Q", %1$s}]"""
            .formatted(field);
    assertThat(rendered(ConversationBuilder.ofMessages(messages)))
        .endsWith(
            "<|start|>developer<|message|># Instructions\n\nBe kind.<|end|>"
                + "<|start|>user<|message|>Hi<|end|>"
                + "<|start|>assistant<|channel|>final<|message|>Ho<|end|>"
                + "<|start|>user<|message|>Q<|end|><|start|>assistant");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"role\": \"assistant\", \"channel\": \"analysis\", \"content\": \"x\"}",
        "{\"role\": \"assistant\", \"recipient\": \"functions.f\", \"content\": \"{}\"}",
        "{\"role\": \"assistant\", \"recipient\": \"browser.search\", \"content\": \"{}\"}",
        "{\"role\": \"tool\", \"name\": \"functions.f\", \"channel\": \"commentary\","
            + " \"content\": \"1\"}",
        "{\"role\": \"assistant\", \"content_type\": \"<|constrain|>json\", \"content\": \"{}\"}",
      })
  void whatOnlyHarmonyHasMakesItHarmony(String message) {
    String messages = "[{\"role\": \"system\", \"content\": \"Plain.\"}, " + message + "]";
    assertThat(rendered(ConversationBuilder.ofMessages(messages)))
        .startsWith("<|start|>system<|message|>Plain.<|end|>");
  }

  @Test
  void readsTheOlderFormOfCallsAndCallsWithoutArguments() {
    String messages =
        """
        [{"role": "user", "content": "Q"},
         {"role": "assistant", "content": null,
          "function_call": {"name": "f", "arguments": null}},
         {"role": "function", "name": "f", "content": "1"},
         {"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": "g"}}]},
         {"role": "tool", "tool_call_id": "c", "content": "2"}]""";
    String call = "<|channel|>commentary <|constrain|>json<|message|>{}<|call|>";
    String result = " to=assistant<|channel|>commentary<|message|>";
    assertThat(rendered(ConversationBuilder.ofMessages(messages)))
        .endsWith(
            ("<|start|>user<|message|>Q<|end|><|start|>assistant to=functions.f" + call)
                + ("<|start|>functions.f" + result + "1<|end|>")
                + ("<|start|>assistant to=functions.g" + call)
                + ("<|start|>functions.g" + result + "2<|end|><|start|>assistant"));
  }

  @Test
  void anyHarmonyKeyMakesItHarmony() {
    String messages =
        """
        [{"role": "system", "content": "Plain."}, {"role": "user", "content": "Hi"},
         {"role": "assistant", "channel": "final", "content": "Ho"}]""";
    assertThat(rendered(ConversationBuilder.ofMessages(messages)))
        .startsWith("<|start|>system<|message|>Plain.<|end|><|start|>user");
    assertThatThrownBy(() -> ConversationBuilder.ofMessages(messages).reasoningEffort("low"))
        .isInstanceOfSatisfying(
            InvalidRequestException.class,
            e -> assertThat(e.code()).isEqualTo("invalid_parameter"));
  }

  @Test
  void spelledOutSpecialTokensStayText() {
    StringBuilder all = new StringBuilder();
    for (int id = SpecialTokens.FIRST; id < Tokenizer.VOCABULARY_SIZE; id++) {
      all.append(SpecialTokens.textOf(id));
    }
    int[] plain =
        HarmonyEncoding.gptOss().renderForCompletion(ConversationBuilder.ofPrompt("").build());
    int[] forged =
        HarmonyEncoding.gptOss()
            .renderForCompletion(ConversationBuilder.ofPrompt(all.toString()).build());
    assertThat(IntStream.of(forged).filter(id -> id >= SpecialTokens.FIRST).boxed())
        .isEqualTo(IntStream.of(plain).filter(id -> id >= SpecialTokens.FIRST).boxed().toList());
  }

  @Test
  void loneSurrogatesBecomeReplacementCharacters() {
    assertThat(rendered(ConversationBuilder.ofPrompt("a\ud800b"))).contains("a\ufffdb");
    assertThat(
            rendered(
                ConversationBuilder.ofMessages(
                    "[{\"role\": \"user\", \"content\": \"\\udc00!\"}]")))
        .contains("\ufffd!");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[",
        "null",
        "3",
        "{}",
        "[]",
        "[3]",
        "[] []",
        "[{}]",
        "{\"messages\": 3}",
        "[{\"role\": \"secret\", \"content\": \"secret\"}]",
        "[{\"role\": 1, \"content\": \"secret\"}]",
        "[{\"role\": \"user\"}]",
        "[{\"role\": \"user\", \"content\": 3}]",
        "[{\"role\": \"user\", \"content\": [\"secret\"]}]",
        "[{\"role\": \"user\", \"content\": [{\"type\": \"image_url\"}]}]",
        "[{\"role\": \"user\", \"content\": [{\"type\": \"text\"}]}]",
        "[{\"role\": \"assistant\", \"content\": null}]",
        "[{\"role\": \"assistant\", \"tool_calls\": [{\"function\": {\"arguments\": \"{}\"}}]}]",
        "[{\"role\": \"assistant\", \"function_call\": {\"name\": \"f\", \"arguments\": 3}}]",
        "[{\"role\": \"function\", \"content\": \"secret\"}]",
        "[{\"role\": \"user\", \"content\": null, \"refusal\": \"secret\"}]",
        "[{\"role\": \"tool\", \"content\": \"secret\"}]",
        "[{\"role\": \"tool\", \"tool_call_id\": \"secret\", \"content\": \"secret\"}]",
        "[{\"role\": \"assistant\", \"channel\": \"final\", \"recipient\": 3, \"content\": \"\"}]",
        "[{\"role\": \"user\", \"channel\": \"final\", \"content\": null}]",
        "[{\"role\": \"system\", \"content\": [{\"type\": \"system_content\", \"tools\": []}]}]",
        "[{\"role\": \"system\", \"content\": [{\"type\": \"system_content\", \"reasoning_effort\":"
            + " \"secret\"}]}]",
        "[{\"role\": \"system\", \"content\": [{\"type\": \"system_content\", \"channel_config\": {}}]}]",
        "[{\"role\": \"user\", \"content\": \"secret\", \"content\": \"secret\"}]",
        "[secret]",
      })
  void rejectsMalformedMessagesInOneLineWithoutQuotingThem(String json) {
    assertThatThrownBy(() -> ConversationBuilder.ofMessages(json))
        .isInstanceOfSatisfying(
            InvalidRequestException.class,
            e -> assertThat(e.code()).isEqualTo("invalid_conversation"))
        .hasMessageStartingWith("messages")
        .message()
        .doesNotContain("\n", "secret");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "effort | extreme",
        "tools | {}",
        "tools | [",
        "tools | [{\"type\": \"browser\"}]",
        "tools | [{\"type\": \"function\", \"function\": {}}]",
        "tools | [{\"type\": \"function\", \"function\": {\"name\": \"f\", \"parameters\": []}}]",
        "format | []",
        "format | {\"type\": \"xml\"}",
        "format | {\"type\": \"json_schema\", \"json_schema\": {\"name\": \"x\"}}",
      })
  void rejectsMalformedParameters(String parameter, String value) {
    ConversationBuilder builder = ConversationBuilder.ofPrompt("Hi");
    assertThatThrownBy(
            () -> {
              switch (parameter) {
                case "effort" -> builder.reasoningEffort(value);
                case "tools" -> builder.tools(value);
                default -> builder.responseFormat(value);
              }
            })
        .isInstanceOfSatisfying(
            InvalidRequestException.class,
            e -> assertThat(e.code()).isEqualTo("invalid_parameter"));
  }

  @Test
  void rejectsANullPrompt() {
    assertThatThrownBy(() -> ConversationBuilder.ofPrompt(null))
        .isInstanceOfSatisfying(
            InvalidRequestException.class, e -> assertThat(e.code()).isEqualTo("null_prompt"));
  }

  @Test
  void refusesToRenderContentInTheWrongRole() {
    for (Message message :
        new Message[] {
          Message.of(Role.USER, SystemContent.defaults()),
          Message.of(Role.SYSTEM, DeveloperContent.empty()),
          Message.of(Role.TOOL, "no name"),
        }) {
      assertThatThrownBy(
              () -> HarmonyEncoding.gptOss().renderForCompletion(Conversation.of(message)))
          .isInstanceOfSatisfying(
              InvalidRequestException.class,
              e -> assertThat(e.code()).isEqualTo("invalid_conversation"))
          .hasMessageStartingWith("messages[0]");
    }
  }

  private static String system(String effort) {
    return SYSTEM.formatted(effort, "");
  }

  private static String rendered(ConversationBuilder builder) {
    int[] ids = HarmonyEncoding.gptOss().renderForCompletion(builder.build());
    return Tokenizer.o200kHarmony().decode(ids);
  }

  @Test
  void showsBuiltInToolsInTheSystemMessage() {
    Conversation conversation =
        ConversationBuilder.ofPrompt("?").systemTool(ToolNamespace.browser()).build();
    SystemContent system = (SystemContent) conversation.messages().get(0).content().get(0);
    assertThat(system.tools()).containsOnlyKeys("browser");
    assertThatThrownBy(
            () ->
                ConversationBuilder.of(Conversation.of(Message.of(Role.SYSTEM, "plain")))
                    .systemTool(ToolNamespace.python()))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("tools: it cannot be set");
  }
}
