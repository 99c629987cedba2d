package io.github.gptoss.spark.internal.prompts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.gptoss.engine.ConstraintProbe;
import io.github.gptoss.engine.constraint.ConstraintSpec;
import io.github.gptoss.engine.constraint.TurnSpec;
import io.github.gptoss.engine.error.ConstraintException;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.engine.harmony.Conversation;
import io.github.gptoss.engine.harmony.ConversationBuilder;
import io.github.gptoss.engine.harmony.HarmonyEncoding;
import io.github.gptoss.engine.harmony.Message;
import io.github.gptoss.engine.harmony.Role;
import io.github.gptoss.engine.harmony.SystemContent;
import io.github.gptoss.engine.harmony.ToolNamespace;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import io.github.gptoss.spark.internal.parsed.AnswerForm;
import io.github.gptoss.spark.internal.tools.ToolOptions;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * Renders prompts and conversations as Harmony, with the options' system and developer messages.
 */
public final class HarmonyPromptRenderer implements PromptRenderer {
  /** The numbers of schemas are compared exactly. */
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .setNodeFactory(JsonNodeFactory.withExactBigDecimals(true));

  private final String reasoningEffort;
  private final String systemPrompt;
  private final String developerPrompt;
  private final JsonNode tools;
  private final List<ToolNamespace> systemTools;
  private final AnswerForm form;

  private final Overflow overflow;

  /**
   * @throws InvalidConfigException if the tools or the form of the answer are no JSON
   * @throws io.github.gptoss.engine.error.ConstraintException if the form is not what it must be
   */
  public HarmonyPromptRenderer(OptionValues options) {
    reasoningEffort = options.reasoningEffort();
    systemPrompt = options.text(OptionKey.SYSTEM_PROMPT);
    developerPrompt = options.text(OptionKey.DEVELOPER_PROMPT);
    tools = tools(options.text(OptionKey.TOOLS));
    systemTools = ToolOptions.of(options).systemTools();
    form = AnswerForm.of(options);
    overflow = Overflow.named(options.text(OptionKey.OVERFLOW));
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
      ConversationBuilder begun = ConversationBuilder.ofPrompt("");
      ToolOptions.of(options).systemTools().forEach(begun::systemTool);
      Conversation conversation =
          begun
              .reasoningEffort(options.reasoningEffort())
              .system(options.text(OptionKey.SYSTEM_PROMPT))
              .developer(options.text(OptionKey.DEVELOPER_PROMPT))
              .tools(options.text(OptionKey.TOOLS))
              .responseFormat(AnswerForm.shown(options))
              .build();
      AnswerForm form = AnswerForm.of(options);
      TurnSpec turn = form.turn(conversation);
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
  public RenderedPrompt render(PromptRow row, IntConsumer ids) {
    return render(begun(row), row.followed(), null, ids);
  }

  @Override
  public boolean answersJson() {
    return form.constraint() != null && form.constraint().kind() == ConstraintSpec.Kind.JSON_SCHEMA;
  }

  @Override
  public Overflow overflow() {
    return overflow;
  }

  @Override
  public String userText(PromptRow row) {
    return begun(row).userText();
  }

  @Override
  public RenderedPrompt render(PromptRow row, String userText, IntConsumer ids) {
    return render(begun(row).userText(userText), row.followed(), userText, ids);
  }

  private static ConversationBuilder begun(PromptRow row) {
    return row.isMessages()
        ? ConversationBuilder.ofMessages(row.input())
        : ConversationBuilder.ofPrompt(row.input());
  }

  private RenderedPrompt render(
      ConversationBuilder begun, List<Message> followed, String userText, IntConsumer ids) {
    systemTools.forEach(begun::systemTool);
    Conversation conversation =
        begun
            .reasoningEffort(reasoningEffort)
            .system(systemPrompt)
            .developer(developerPrompt)
            .tools(tools)
            .responseFormat(form.responseFormat())
            .build();
    TurnSpec turn = turn(conversation);
    HarmonyEncoding.gptOss().renderForCompletion(conversation, followed, ids);
    return new RenderedPrompt(turn, effort(conversation), userText);
  }

  /** The engine puts the effort into the first system message. */
  private static String effort(Conversation conversation) {
    return conversation.messages().stream()
        .filter(message -> message.role() == Role.SYSTEM)
        .findFirst()
        .flatMap(HarmonyPromptRenderer::system)
        .map(system -> system.reasoningEffort() == null ? "none" : system.reasoningEffort().text())
        .orElse(null);
  }

  private static Optional<SystemContent> system(Message message) {
    return message.content().stream()
        .filter(SystemContent.class::isInstance)
        .map(SystemContent.class::cast)
        .findFirst();
  }

  private TurnSpec turn(Conversation conversation) {
    try {
      return form.turn(conversation);
    } catch (ConstraintException e) {
      throw new InvalidRequestException(e.code().text(), e.getMessage(), e);
    }
  }
}
