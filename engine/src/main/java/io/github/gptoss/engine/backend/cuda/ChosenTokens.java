package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.backend.SampleRow;
import io.github.gptoss.engine.backend.SampledTokens;
import io.github.gptoss.engine.sampling.SampledLogprobs;
import io.github.gptoss.engine.sampling.Sampler;
import io.github.gptoss.engine.sampling.SamplingParams;
import io.github.gptoss.engine.sampling.TokenDetails;
import io.github.gptoss.engine.sampling.TokenLogprob;
import io.github.gptoss.engine.sampling.TokenWeights;
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
  private PinnedMemory weights; // [rows that are weighed] of lists; null until there is one
  private int count;
  private int[] alternatives = new int[0]; // [R]; negative where no log-probability is asked for
  private int[] lists = new int[0]; // [R]; which of the weights are a row's; negative for none
  private int listed;
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
    listed = 0;
    if (alternatives.length < rows) {
      alternatives = new int[rows];
      lists = new int[rows];
      told = new TokenDetails[rows];
    }
    Arrays.fill(alternatives, 0, rows, -1);
    Arrays.fill(lists, 0, rows, -1);
    Arrays.fill(told, 0, rows, null);
    tokens = reserve(tokens, Integer.BYTES);
  }

  private PinnedMemory reserve(PinnedMemory memory, int rowBytes) {
    return reserve(memory, rowBytes * count, rowBytes * Math.max(count, LEAST_ROWS));
  }

  private PinnedMemory reserve(PinnedMemory memory, int least, int most) {
    if (memory != null && memory.bytes().capacity() >= least) {
      return memory;
    }
    if (memory != null) {
      memory.close();
    }
    return new PinnedMemory(device, most);
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

  /** Queues the copy of what the device has found of rows [from, from + rows) that are weighed. */
  void fetchWeights(SampleRow[] of, int from, int rows, SampleTables how) {
    if (from == 0) {
      // All of the step at once: copies that are under way cannot move.
      long all = Arrays.stream(of, 0, count).filter(TokenLists::holds).count();
      int bytes = Math.toIntExact(TokenLists.bytes((int) all));
      weights = all == 0 ? weights : reserve(weights, bytes, bytes);
    }
    if (how.weighed() > 0) {
      device.copyToHost(
          weights.pointer(TokenLists.bytes(listed)),
          how.weights(),
          TokenLists.bytes(how.weighed()));
    }
    for (int r = from; r < from + rows; r++) {
      lists[r] = TokenLists.holds(of[r]) ? listed++ : -1;
    }
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
      out[r] = token < 0 ? null : told[r] == null ? found(r, token) : told[r];
    }
  }

  /** What the device tells of a row; null for nothing. */
  private TokenDetails found(int row, int token) {
    TokenWeights weighed = lists[row] < 0 ? null : TokenLists.read(weights.bytes(), lists[row]);
    boolean isUsable = lists[row] < 0 || weighed != null;
    if (!isUsable || (alternatives[row] < 0 && weighed == null)) {
      return null;
    }
    return new TokenDetails(alternatives[row] < 0 ? null : logprobs(row, token), weighed);
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
