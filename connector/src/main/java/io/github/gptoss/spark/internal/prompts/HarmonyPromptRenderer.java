package io.github.gptoss.spark.internal.prompts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.engine.ConstraintProbe;
import io.github.gptoss.engine.constraint.ConstraintSpec;
import io.github.gptoss.engine.constraint.TurnSpec;
import io.github.gptoss.engine.error.ConstraintException;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.engine.harmony.Conversation;
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
  private final ConstraintSpec answer;

  /**
   * @throws InvalidConfigException if the tools or the form of the answer are no JSON
   * @throws io.github.gptoss.engine.error.ConstraintException if the form is not what it must be
   */
  public HarmonyPromptRenderer(OptionValues options) {
    reasoningEffort = options.reasoningEffort();
    systemPrompt = options.text(OptionKey.SYSTEM_PROMPT);
    developerPrompt = options.text(OptionKey.DEVELOPER_PROMPT);
    tools = parsed(options, OptionKey.TOOLS);
    responseFormat = parsed(options, OptionKey.RESPONSE_FORMAT);
    answer =
        ConstraintSpec.of(responseFormat, parsed(options, OptionKey.STRUCTURED_OUTPUTS))
            .orElse(null);
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
      Conversation conversation =
          ConversationBuilder.ofPrompt("")
              .reasoningEffort(options.reasoningEffort())
              .system(options.text(OptionKey.SYSTEM_PROMPT))
              .developer(options.text(OptionKey.DEVELOPER_PROMPT))
              .tools(options.text(OptionKey.TOOLS))
              .responseFormat(options.text(OptionKey.RESPONSE_FORMAT))
              .build();
      TurnSpec turn = TurnSpec.of(conversation, new HarmonyPromptRenderer(options).answer);
      new RequestTemplate(options).check(turn);
      ConstraintProbe.check(turn);
    } catch (InvalidRequestException e) {
      throw new InvalidConfigException("option " + e.getMessage(), e);
    } catch (ConstraintException e) {
      throw new InvalidConfigException(
          "the form of the answer, or of a strict function's arguments: "
              + e.code().text()
              + ": "
              + e.getMessage(),
          e);
    }
  }

  /** Whether the options guarantee a form of the answer. */
  public static boolean hasForm(OptionValues options) {
    return new HarmonyPromptRenderer(options).answer != null;
  }

  @Override
  public TurnSpec render(String input, boolean isMessages, IntConsumer ids) {
    Conversation conversation =
        (isMessages ? ConversationBuilder.ofMessages(input) : ConversationBuilder.ofPrompt(input))
            .reasoningEffort(reasoningEffort)
            .system(systemPrompt)
            .developer(developerPrompt)
            .tools(tools)
            .responseFormat(responseFormat)
            .build();
    TurnSpec turn = turn(conversation);
    HarmonyEncoding.gptOss().renderForCompletion(conversation, ids);
    return turn;
  }

  private TurnSpec turn(Conversation conversation) {
    try {
      return TurnSpec.of(conversation, answer);
    } catch (ConstraintException e) {
      throw new InvalidRequestException(e.code().text(), e.getMessage(), e);
    }
  }
}
