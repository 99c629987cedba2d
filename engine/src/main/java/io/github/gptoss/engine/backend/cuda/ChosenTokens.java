package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.backend.SampledTokens;
import io.github.gptoss.engine.sampling.TokenDetails;
import java.util.Arrays;
import jcuda.driver.CUevent;

/** The tokens of one step on their way to the host. One of several that are used in turn. */
final class ChosenTokens implements SampledTokens {
  private static final int LEAST_ROWS = 256;

  /** Stands where the host has not chosen. */
  private static final int ON_DEVICE = -2;

  private final CudaDevice device;
  private final CUevent copied;
  private PinnedMemory pinned;
  private int count;
  private int[] hostTokens = new int[0]; // [R]
  private TokenDetails[] details = new TokenDetails[0]; // [R]

  ChosenTokens(CudaDevice device) {
    this.device = device.use();
    copied = device.event();
  }

  /** Starts over for a step with so many logits rows. */
  void begin(int rows) {
    count = rows;
    if (hostTokens.length < rows) {
      hostTokens = new int[rows];
      details = new TokenDetails[rows];
    }
    Arrays.fill(hostTokens, 0, rows, ON_DEVICE);
    Arrays.fill(details, 0, rows, null);
    if (pinned == null || pinned.bytes().capacity() < Integer.BYTES * rows) {
      if (pinned != null) {
        pinned.close();
      }
      pinned = new PinnedMemory(device, Integer.BYTES * Math.max(rows, LEAST_ROWS));
    }
  }

  /** Takes a row's token from the host. */
  void choose(int row, int token, TokenDetails withDetails) {
    hostTokens[row] = token;
    details[row] = withDetails;
  }

  /** Queues the copy of the tokens that the device chooses, [R]. */
  void fetch(DeviceMemory tokens) {
    if (count > 0) {
      device.copyToHost(pinned.pointer(), tokens, (long) Integer.BYTES * count);
    }
    device.record(copied);
  }

  @Override
  public void await(int[] tokens, TokenDetails[] out) {
    device.use().await(copied);
    for (int r = 0; r < count; r++) {
      tokens[r] =
          hostTokens[r] == ON_DEVICE ? pinned.bytes().getInt(Integer.BYTES * r) : hostTokens[r];
      out[r] = details[r];
    }
  }
}
