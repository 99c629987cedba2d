package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.backend.SampledTokens;
import io.github.gptoss.engine.sampling.SampledLogprobs;
import io.github.gptoss.engine.sampling.Sampler;
import io.github.gptoss.engine.sampling.SamplingParams;
import io.github.gptoss.engine.sampling.TokenDetails;
import io.github.gptoss.engine.sampling.TokenLogprob;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jcuda.driver.CUevent;

/** The tokens of one step on their way to the host. One of several that are used in turn. */
final class ChosenTokens implements SampledTokens {
  private static final int LEAST_ROWS = 256;

  // sample.cu's SampleDetails.
  private static final int QUANTA_AT = 0;
  private static final int MAX_AT = 8;
  private static final int LOGIT_AT = 16;
  private static final int IDS_AT = 24;
  private static final int LOGITS_AT = IDS_AT + Integer.BYTES * SamplingParams.MAX_LOGPROBS;
  private static final int DETAILS_BYTES = LOGITS_AT + Float.BYTES * SamplingParams.MAX_LOGPROBS;

  private final CudaDevice device;
  private final int vocabulary;
  private final CUevent copied;
  private PinnedMemory tokens; // [R]
  private PinnedMemory found; // [R] of details; null until a row asks for them
  private int count;
  private int[] alternatives = new int[0]; // [R]; negative where no log-probability is asked for
  private TokenDetails[] told = new TokenDetails[0]; // [R]; null where the host tells of nothing
  private boolean expects;

  /**
   * @param vocabulary how many token ids there are
   */
  ChosenTokens(CudaDevice device, int vocabulary) {
    this.device = device.use();
    this.vocabulary = vocabulary;
    copied = device.event();
  }

  /** Bytes of so many rows' details, and so where the next row's are. */
  static long detailsBytes(int rows) {
    return (long) DETAILS_BYTES * rows;
  }

  /** Starts over for a step with so many logits rows. */
  void begin(int rows) {
    count = rows;
    expects = false;
    if (alternatives.length < rows) {
      alternatives = new int[rows];
      told = new TokenDetails[rows];
    }
    Arrays.fill(alternatives, 0, rows, -1);
    Arrays.fill(told, 0, rows, null);
    tokens = reserve(tokens, Integer.BYTES);
  }

  private PinnedMemory reserve(PinnedMemory memory, int rowBytes) {
    if (memory != null && memory.bytes().capacity() >= rowBytes * count) {
      return memory;
    }
    if (memory != null) {
      memory.close();
    }
    return new PinnedMemory(device, rowBytes * Math.max(count, LEAST_ROWS));
  }

  /**
   * Expects a row's log-probabilities from the device.
   *
   * @param logprobs how many alternatives; negative for none at all
   */
  void expect(int row, int logprobs) {
    alternatives[row] = logprobs;
    expects |= logprobs >= 0;
  }

  /** Takes a row's details from the host. */
  void tell(int row, TokenDetails details) {
    told[row] = details;
  }

  /** Queues the copy of the tokens that the device chooses, [R], and of what it finds of them. */
  void fetch(DeviceMemory chosen, DeviceMemory details) {
    if (count > 0) {
      device.copyToHost(tokens.pointer(), chosen, (long) Integer.BYTES * count);
    }
    if (expects) {
      found = reserve(found, DETAILS_BYTES);
      device.copyToHost(found.pointer(), details, detailsBytes(count));
    }
    device.record(copied);
  }

  @Override
  public void await(int[] tokensOut, TokenDetails[] out) {
    device.use().await(copied);
    for (int r = 0; r < count; r++) {
      int token = tokens.bytes().getInt(Integer.BYTES * r);
      tokensOut[r] = token;
      boolean isFound = token >= 0 && alternatives[r] >= 0;
      out[r] = isFound ? new TokenDetails(logprobs(r, token), null) : told[r];
    }
  }

  private SampledLogprobs logprobs(int row, int token) {
    ByteBuffer bytes = found.bytes();
    int at = DETAILS_BYTES * row;
    float max = bytes.getFloat(at + MAX_AT);
    double logMass = Sampler.logMass(bytes.getLong(at + QUANTA_AT));
    int top = Math.min(alternatives[row], vocabulary);
    List<TokenLogprob> likeliest = new ArrayList<>(top);
    for (int i = 0; i < top; i++) {
      int id = bytes.getInt(at + IDS_AT + Integer.BYTES * i);
      float logit = bytes.getFloat(at + LOGITS_AT + Float.BYTES * i);
      likeliest.add(Sampler.logprob(id, logit, max, logMass));
    }
    return new SampledLogprobs(
        Sampler.logprob(token, bytes.getFloat(at + LOGIT_AT), max, logMass),
        List.copyOf(likeliest));
  }
}
