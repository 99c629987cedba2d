package io.github.gptoss.spark.internal.prompts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.engine.harmony.ConversationBuilder;
import io.github.gptoss.engine.harmony.HarmonyEncoding;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import java.util.function.IntConsumer;

/**
 * Renders prompts and conversations as Harmony, with the options' system and developer messages.
 */
public final class HarmonyPromptRenderer implements PromptRenderer {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String reasoningEffort;
  private final String systemPrompt;
  private final String developerPrompt;
  private final JsonNode tools;
  private final JsonNode responseFormat;

  /**
   * @throws InvalidConfigException if the tools or the response format are no JSON
   */
  public HarmonyPromptRenderer(OptionValues options) {
    reasoningEffort = options.reasoningEffort();
    systemPrompt = options.text(OptionKey.SYSTEM_PROMPT);
    developerPrompt = options.text(OptionKey.DEVELOPER_PROMPT);
    tools = parsed(options, OptionKey.TOOLS);
    responseFormat = parsed(options, OptionKey.RESPONSE_FORMAT);
  }

  private static JsonNode parsed(OptionValues options, OptionKey key) {
    String json = options.text(key);
    try {
      return json == null ? null : JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new InvalidConfigException("option " + key.optionName() + " is not valid JSON", e);
    }
  }

  /**
   * Makes a request with these options, so that what is wrong with them shows before any row.
   *
   * @throws InvalidConfigException if the tools or the response format are not what they must be,
   *     or two options contradict each other
   */
  public static void check(OptionValues options) {
    try {
      ConversationBuilder.ofPrompt("")
          .reasoningEffort(options.reasoningEffort())
          .system(options.text(OptionKey.SYSTEM_PROMPT))
          .developer(options.text(OptionKey.DEVELOPER_PROMPT))
          .tools(options.text(OptionKey.TOOLS))
          .responseFormat(options.text(OptionKey.RESPONSE_FORMAT))
          .build();
      new RequestTemplate(options).check();
    } catch (InvalidRequestException e) {
      throw new InvalidConfigException("option " + e.getMessage(), e);
    }
  }

  @Override
  public void render(String input, boolean isMessages, IntConsumer ids) {
    ConversationBuilder conversation =
        isMessages ? ConversationBuilder.ofMessages(input) : ConversationBuilder.ofPrompt(input);
    HarmonyEncoding.gptOss()
        .renderForCompletion(
            conversation
                .reasoningEffort(reasoningEffort)
                .system(systemPrompt)
                .developer(developerPrompt)
                .tools(tools)
                .responseFormat(responseFormat)
                .build(),
            ids);
  }
}
