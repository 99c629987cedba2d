package io.github.gptoss.spark.internal.prompts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.engine.ConstraintProbe;
import io.github.gptoss.engine.constraint.TurnSpec;
import io.github.gptoss.engine.error.ConstraintException;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.engine.harmony.Conversation;
import io.github.gptoss.engine.harmony.ConversationBuilder;
import io.github.gptoss.engine.harmony.HarmonyEncoding;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import io.github.gptoss.spark.internal.parsed.AnswerForm;
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
  private final AnswerForm form;

  /**
   * @throws InvalidConfigException if the tools or the form of the answer are no JSON
   * @throws io.github.gptoss.engine.error.ConstraintException if the form is not what it must be
   */
  public HarmonyPromptRenderer(OptionValues options) {
    reasoningEffort = options.reasoningEffort();
    systemPrompt = options.text(OptionKey.SYSTEM_PROMPT);
    developerPrompt = options.text(OptionKey.DEVELOPER_PROMPT);
    tools = tools(options.text(OptionKey.TOOLS));
    form = AnswerForm.of(options);
  }

  private static JsonNode tools(String json) {
    try {
      return json == null ? null : JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new InvalidConfigException("option tools is not valid JSON", e);
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
      AnswerForm form = AnswerForm.of(options);
      Conversation conversation =
          ConversationBuilder.ofPrompt("")
              .reasoningEffort(options.reasoningEffort())
              .system(options.text(OptionKey.SYSTEM_PROMPT))
              .developer(options.text(OptionKey.DEVELOPER_PROMPT))
              .tools(options.text(OptionKey.TOOLS))
              .responseFormat(form.responseFormat())
              .build();
      TurnSpec turn = TurnSpec.of(conversation, form.constraint());
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

  @Override
  public TurnSpec render(String input, boolean isMessages, IntConsumer ids) {
    Conversation conversation =
        (isMessages ? ConversationBuilder.ofMessages(input) : ConversationBuilder.ofPrompt(input))
            .reasoningEffort(reasoningEffort)
            .system(systemPrompt)
            .developer(developerPrompt)
            .tools(tools)
            .responseFormat(form.responseFormat())
            .build();
    TurnSpec turn = turn(conversation);
    HarmonyEncoding.gptOss().renderForCompletion(conversation, ids);
    return turn;
  }

  private TurnSpec turn(Conversation conversation) {
    try {
      return TurnSpec.of(conversation, form.constraint());
    } catch (ConstraintException e) {
      throw new InvalidRequestException(e.code().text(), e.getMessage(), e);
    }
  }
}
