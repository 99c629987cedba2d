package io.github.gptoss.spark.internal.prompts;

import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.engine.harmony.ConversationBuilder;
import io.github.gptoss.engine.harmony.Message;
import io.github.gptoss.engine.harmony.ReasoningEffort;
import io.github.gptoss.engine.harmony.Role;
import io.github.gptoss.engine.harmony.SystemContent;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;

/**
 * The reasoning effort that a request is answered with: its own, else the call's, else what its
 * conversation says. It is {@code none} where the prompt mentions none, and null where no effort
 * applies: the request is refused, its own effort is no effort, or its system message is plain text
 * in which none can be set.
 */
public final class RowEffort implements UDF1<Row, String> {
  private static final long serialVersionUID = 1L;

  /** The efforts, lowest first. */
  public static final List<String> ALL = List.of("none", "low", "medium", "high");

  private static final String DEFAULT = SystemContent.defaults().reasoningEffort().text();

  private final String ofCall;
  private final boolean isMessages;

  /**
   * @param isMessages whether requests ask with message JSON, else with a prompt
   */
  public RowEffort(OptionValues options, boolean isMessages) {
    ofCall = options.reasoningEffort();
    this.isMessages = isMessages;
  }

  /** The lowest effort that a request of such a call may be answered with. */
  public static String lowest(OptionValues options, boolean isMessages) {
    boolean mayBeOwn =
        options.isSet(OptionKey.REQUEST_COL)
            || options.columns().containsKey(OptionKey.REASONING_EFFORT);
    if (mayBeOwn) {
      return ALL.get(0);
    }
    if (options.reasoningEffort() != null) {
      return options.reasoningEffort();
    }
    return isMessages ? ALL.get(0) : DEFAULT;
  }

  @Override
  public String call(Row request) {
    PromptRow row = RequestRows.promptRow(request, isMessages);
    if (row.refusal() != null) {
      return null;
    }
    String own = row.overrides().get(OptionKey.REASONING_EFFORT);
    String set = own == null ? ofCall : own.strip().toLowerCase(Locale.ROOT);
    if (set != null && !ALL.contains(set)) {
      return null;
    }
    return isMessages ? inConversation(row.input(), set) : orDefault(set);
  }

  private static String orDefault(String effort) {
    return effort == null ? DEFAULT : effort;
  }

  private static String inConversation(String messages, String set) {
    List<Message> conversation;
    try {
      conversation =
          ConversationBuilder.ofMessages(messages).reasoningEffort(set).build().messages();
    } catch (InvalidRequestException e) {
      // The row's completion is this error, at any effort.
      return orDefault(set);
    }
    return conversation.stream()
        .filter(message -> message.role() == Role.SYSTEM)
        .findFirst()
        .flatMap(RowEffort::system)
        .map(system -> text(system.reasoningEffort()))
        .orElse(null);
  }

  private static Optional<SystemContent> system(Message message) {
    return message.content().stream()
        .filter(SystemContent.class::isInstance)
        .map(SystemContent.class::cast)
        .findFirst();
  }

  private static String text(ReasoningEffort effort) {
    return effort == null ? ALL.get(0) : effort.text();
  }
}
