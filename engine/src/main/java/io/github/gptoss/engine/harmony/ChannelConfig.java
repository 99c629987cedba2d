package io.github.gptoss.engine.harmony;

import java.util.List;

/**
 * What the system message says about channels.
 *
 * @param validChannels in the order in which they are named; nothing is said where there are none
 * @param channelRequired whether every message must name its channel
 */
public record ChannelConfig(List<String> validChannels, boolean channelRequired) {
  public ChannelConfig {
    validChannels = List.copyOf(validChannels);
  }

  public static ChannelConfig requireChannels(String... channels) {
    return new ChannelConfig(List.of(channels), true);
  }
}
