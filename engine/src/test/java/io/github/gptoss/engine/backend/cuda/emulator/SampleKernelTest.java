package io.github.gptoss.engine.backend.cuda.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.backend.cuda.emulator.Driver.Memory;
import io.github.gptoss.engine.backend.cuda.emulator.Driver.Params;
import io.github.gptoss.engine.backend.cuda.emulator.Driver.Shape;
import io.github.gptoss.engine.backend.cuda.emulator.EmulatedMachine.Order;
import io.github.gptoss.engine.sampling.LogitBias;
import io.github.gptoss.engine.sampling.SampledLogprobs;
import io.github.gptoss.engine.sampling.Sampler;
import io.github.gptoss.engine.sampling.SamplingParams;
import io.github.gptoss.engine.sampling.TokenHistory;
import io.github.gptoss.engine.sampling.TokenLogprob;
import io.github.gptoss.engine.sampling.TokenSet;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * sample.cu chooses what the host's sampler chooses from the same logits, ties and masks too, and
 * gives it the same log-probabilities.
 */
class SampleKernelTest {
  private static final int ROW_BYTES = 96;
  private static final int ADJUSTMENT_BYTES = 16;

  // SampleDetails: quanta, max, infinite, logit, unused, ids, logits.
  private static final int DETAILS_BYTES = 184;
  private static final int IDS_AT = 24;
  private static final int LOGITS_AT = 104;

  /** A row's token with its log-probability and the likeliest ones; null where it has none. */
  private record Choice(int token, SampledLogprobs logprobs) {}

  /** Some rows of logits and how to sample them. */
  private static final class Rows {
    final int vocabulary;
    final float[] logits;
    final int[] masks; // [rows, words]; null: everything is allowed
    final List<SamplingParams> params = new ArrayList<>();
    final List<TokenHistory> histories = new ArrayList<>();

    Rows(int count, int vocabulary, boolean masked, Random random) {
      this.vocabulary = vocabulary;
      logits = new float[count * vocabulary];
      int words = (vocabulary + 31) / 32;
      masks = masked ? random.ints((long) count * words).toArray() : null;
      for (int r = 0; r < count; r++) {
        fill(r, r % 4, random);
        params.add(params(r, random));
        TokenHistory history = new TokenHistory(vocabulary);
        history.addPrompt(random.ints(1 + random.nextInt(20), 0, vocabulary).toArray());
        random.ints(random.nextInt(20), 0, vocabulary).forEach(history::addOutput);
        histories.add(history);
      }
    }

    /** Usual logits, logits with many ties, logits with infinite ones, and ones all but equal. */
    private void fill(int row, int kind, Random random) {
      for (int i = 0; i < vocabulary; i++) {
        float value = (float) random.nextGaussian() * 4;
        if (kind == 1) {
          value = Math.round(value);
        } else if (kind == 2 && random.nextInt(vocabulary / 4) == 0) {
          value = random.nextBoolean() ? Float.POSITIVE_INFINITY : Float.NEGATIVE_INFINITY;
        } else if (kind == 3) {
          value = value * 0x1p-20f;
        }
        logits[row * vocabulary + i] = value;
      }
    }

    private SamplingParams params(int row, Random random) {
      SamplingParams.Builder params =
          SamplingParams.builder()
              .temperature(row % 5 == 4 ? 0 : Math.pow(10, random.nextDouble() * 2 - 1))
              .seed(random.nextLong());
      if (random.nextBoolean()) {
        params.topP(random.nextInt(4) == 0 ? 0 : 1 - Math.pow(random.nextDouble(), 3));
      }
      if (random.nextBoolean()) {
        params.topK(1 + random.nextInt(random.nextBoolean() ? 5 : vocabulary));
      }
      if (random.nextInt(3) == 0) {
        params.minP(Math.pow(random.nextDouble(), 4));
      }
      if (random.nextInt(3) == 0) {
        params
            .presencePenalty(random.nextDouble() * 4 - 2)
            .frequencyPenalty(random.nextDouble() * 4 - 2)
            .repetitionPenalty(0.5 + random.nextDouble());
      }
      if (random.nextInt(3) == 0) {
        params.logitBias(LogitBias.of(Map.of(random.nextInt(vocabulary), 5f, 7, -100f)));
      }
      if (row % 3 != 2) {
        params.logprobs(row % 6 == 0 ? SamplingParams.MAX_LOGPROBS : random.nextInt(5));
      }
      return params.build();
    }

    int count() {
      return params.size();
    }

    private TokenSet allowed(int row) {
      if (masks == null) {
        return null;
      }
      TokenSet allowed = new TokenSet(vocabulary);
      for (int i = 0; i < vocabulary; i++) {
        if ((masks[row * ((vocabulary + 31) / 32) + i / 32] >> (i % 32) & 1) != 0) {
          allowed.add(i);
        }
      }
      return allowed;
    }

    List<Choice> onHost() {
      List<Choice> choices = new ArrayList<>();
      Sampler.Workspace workspace = new Sampler.Workspace();
      for (int r = 0; r < count(); r++) {
        int from = r * vocabulary;
        SamplingParams how = params.get(r);
        TokenHistory history = how.usesHistory() ? histories.get(r) : null;
        int token =
            Sampler.sample(logits, from, vocabulary, how, allowed(r), history, 100 + r, workspace);
        choices.add(
            new Choice(
                token,
                how.logprobs() < 0
                    ? null
                    : Sampler.logprobs(
                        logits, from, vocabulary, token, how.logprobs(), workspace)));
      }
      return choices;
    }

    List<Choice> onDevice() {
      Driver driver = new Driver(0);
      List<byte[]> adjustments = new ArrayList<>();
      ByteBuffer rows = buffer(count() * ROW_BYTES);
      for (int r = 0; r < count(); r++) {
        SamplingParams how = params.get(r);
        int before = adjustments.size();
        adjust(how, histories.get(r), adjustments);
        rows.putDouble(how.greedy() ? 0 : 1 / how.temperature())
            .putDouble(how.topP())
            .putDouble(how.minP())
            .putDouble(how.repetitionPenalty())
            .putDouble(how.presencePenalty())
            .putDouble(how.frequencyPenalty())
            .putLong(how.seed())
            .putLong(100 + r)
            .putInt(how.greedy() ? 1 : 0)
            .putInt(Math.max(0, how.topK()))
            .putInt(before)
            .putInt(adjustments.size() - before)
            .putInt(how.logprobs())
            .putInt(-1) // no weights: CudaSamplingTest has those
            .putDouble(0);
      }
      ByteBuffer all = buffer((adjustments.size() + 1) * ADJUSTMENT_BYTES);
      adjustments.forEach(all::put);
      Memory tokens = driver.allocate(4L * count());
      Memory details = driver.allocate((long) DETAILS_BYTES * count());
      Params struct =
          new Params()
              .put(driver.upload(logits))
              .put(driver.upload(rows.array()))
              .put(driver.upload(all.array()))
              .put(masks == null ? null : driver.upload(masks))
              .put(tokens)
              .put(details)
              .put(null)
              .put(vocabulary);
      driver.launch("sample_details", Shape.of(count(), 512, 0), struct);
      driver.launch("sample_adjust", Shape.of(count(), 128, 0), struct);
      driver.launch("sample_rows", Shape.of(count(), 512, 0), struct);
      int[] chosen = driver.downloadInts(tokens, count());
      ByteBuffer found = buffer(DETAILS_BYTES * count());
      found.asIntBuffer().put(driver.downloadInts(details, DETAILS_BYTES / 4 * count()));
      List<Choice> choices = new ArrayList<>();
      for (int r = 0; r < count(); r++) {
        boolean isTold = chosen[r] >= 0 && params.get(r).logprobs() >= 0;
        choices.add(new Choice(chosen[r], isTold ? logprobs(found, r, chosen[r]) : null));
      }
      return choices;
    }

    private SampledLogprobs logprobs(ByteBuffer found, int row, int token) {
      int at = DETAILS_BYTES * row;
      float max = found.getFloat(at + 8);
      double logMass = StrictMath.log(found.getLong(at) * 0x1p-43);
      List<TokenLogprob> top = new ArrayList<>();
      for (int i = 0; i < params.get(row).logprobs(); i++) {
        double logit = found.getFloat(at + LOGITS_AT + 4 * i);
        top.add(
            new TokenLogprob(found.getInt(at + IDS_AT + 4 * i), (float) (logit - max - logMass)));
      }
      double logit = found.getFloat(at + 16);
      return new SampledLogprobs(new TokenLogprob(token, (float) (logit - max - logMass)), top);
    }

    private static ByteBuffer buffer(int bytes) {
      return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void adjust(SamplingParams how, TokenHistory history, List<byte[]> to) {
      Map<Integer, Float> biases = new HashMap<>(how.logitBias().values());
      for (int i = 0; how.usesHistory() && i < history.distinct(); i++) {
        Float bias = biases.remove(history.id(i));
        to.add(adjustment(history.id(i), history.outputCount(i), bias == null ? 0 : bias));
      }
      biases.forEach((id, bias) -> to.add(adjustment(id, -1, bias)));
    }

    private static byte[] adjustment(int id, int count, float bias) {
      return buffer(ADJUSTMENT_BYTES).putInt(id).putInt(count).putFloat(bias).putFloat(0).array();
    }
  }

  @Test
  void choosesWhatTheHostChoosesInEveryBuildAndOrder() {
    for (boolean masked : new boolean[] {false, true}) {
      Rows rows = new Rows(24, 1700, masked, new Random(masked ? 1 : 2));
      List<Choice> expected = rows.onHost();
      for (EmulatedMachine machine : GpuTests.machines(5)) {
        GpuTests.start(machine);
        assertThat(rows.onDevice()).as("%s, masked %s", machine, masked).isEqualTo(expected);
      }
    }
  }

  @Test
  void choosesWhatTheHostChoosesAmongAllOfTheVocabulary() {
    Rows rows = new Rows(20, 201_088, true, new Random(3));
    GpuTests.start(EmulatedMachine.fast().order(Order.RANDOM, 3));
    assertThat(rows.onDevice()).isEqualTo(rows.onHost());
  }

  @Test
  void choosesNothingWhereNothingIsAllowedOrALogitIsNoNumber() {
    GpuTests.start(EmulatedMachine.checked());
    Rows rows = new Rows(3, 1100, true, new Random(4));
    Arrays.fill(rows.masks, 0, 35, 0);
    rows.logits[1100 + 1099] = Float.NaN;
    rows.masks[35 + 34] |= 1 << 1099 % 32;
    List<Choice> choices = rows.onDevice();
    assertThat(choices.get(0)).isEqualTo(new Choice(-1, null));
    assertThat(choices.get(1)).isEqualTo(new Choice(-1, null));
    assertThat(choices.get(2).token()).isNotNegative();
  }

  @Test
  void takesWhatIsAllowedForAlikeWhereNoneOfItHasALogit() {
    GpuTests.start(EmulatedMachine.checked());
    Rows rows = new Rows(4, 1100, true, new Random(6));
    for (int r = 0; r < rows.count(); r++) {
      for (int id : rows.allowed(r).toArray()) {
        rows.logits[r * rows.vocabulary + id] = Float.NEGATIVE_INFINITY;
      }
    }
    assertThat(rows.onDevice()).isEqualTo(rows.onHost());
  }
}
