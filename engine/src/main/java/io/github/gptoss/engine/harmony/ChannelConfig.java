package io.github.gptoss.engine.harmony;

import java.util.List;

/** Which channels the system message names, in order, and whether every message must name one. */
public record ChannelConfig(List<String> validChannels, boolean channelRequired) {
  public ChannelConfig {
    validChannels = List.copyOf(validChannels);
  }

  public static ChannelConfig requireChannels(String... channels) {
    return new ChannelConfig(List.of(channels), true);
  }
}
