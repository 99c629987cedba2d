package io.github.gptoss.engine.harmony;

import java.util.Map;

/**
 * What a system message tells the model about itself; only valid in messages of role {@link
 * Role#SYSTEM}. A null leaves its line out; tools are rendered in the order of their keys.
 */
public record SystemContent(
    String modelIdentity,
    ReasoningEffort reasoningEffort,
    String conversationStartDate,
    String knowledgeCutoff,
    ChannelConfig channelConfig,
    Map<String, ToolNamespace> tools)
    implements Content {

  private static final SystemContent DEFAULT =
      new SystemContent(
          "You are ChatGPT, a large language model trained by OpenAI.",
          ReasoningEffort.MEDIUM,
          null,
          "2024-06",
          ChannelConfig.requireChannels(Channel.ANALYSIS, Channel.COMMENTARY, Channel.FINAL),
          Map.of());

  public SystemContent {
    tools = Map.copyOf(tools);
  }

  /** The text that the models were trained with: no date, so that it is the same on any day. */
  public static SystemContent defaults() {
    return DEFAULT;
  }

  public SystemContent withModelIdentity(String identity) {
    return new SystemContent(
        identity, reasoningEffort, conversationStartDate, knowledgeCutoff, channelConfig, tools);
  }

  public SystemContent withReasoningEffort(ReasoningEffort effort) {
    return new SystemContent(
        modelIdentity, effort, conversationStartDate, knowledgeCutoff, channelConfig, tools);
  }

  /** Adds a namespace, in place of one of the same name. */
  public SystemContent withTools(ToolNamespace namespace) {
    return new SystemContent(
        modelIdentity,
        reasoningEffort,
        conversationStartDate,
        knowledgeCutoff,
        channelConfig,
        ToolNamespace.added(tools, namespace));
  }
}
