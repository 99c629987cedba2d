package io.github.gptoss.engine.harmony;

import java.util.List;

/**
 * What the system message says about channels: which there are, in this order, or nothing where
 * there are none, and whether every message must name its own.
 */
public record ChannelConfig(List<String> validChannels, boolean channelRequired) {
  public ChannelConfig {
    validChannels = List.copyOf(validChannels);
  }

  public static ChannelConfig requireChannels(String... channels) {
    return new ChannelConfig(List.of(channels), true);
  }
}
