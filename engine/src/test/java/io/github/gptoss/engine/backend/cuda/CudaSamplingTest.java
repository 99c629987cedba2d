package io.github.gptoss.engine.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.backend.Capacity;
import io.github.gptoss.engine.backend.LoadedModel;
import io.github.gptoss.engine.backend.Operations;
import io.github.gptoss.engine.backend.SampleRow;
import io.github.gptoss.engine.backend.SampledTokens;
import io.github.gptoss.engine.backend.Step;
import io.github.gptoss.engine.backend.cuda.emulator.EmulatedMachine;
import io.github.gptoss.engine.backend.cuda.emulator.EmulatedMachine.Order;
import io.github.gptoss.engine.backend.cuda.emulator.GpuTests;
import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.sampling.LogitBias;
import io.github.gptoss.engine.sampling.Sampler;
import io.github.gptoss.engine.sampling.SamplingParams;
import io.github.gptoss.engine.sampling.TokenDetails;
import io.github.gptoss.engine.sampling.TokenHistory;
import io.github.gptoss.engine.sampling.TokenSet;
import io.github.gptoss.engine.transformer.Transformer;
import io.github.gptoss.engine.weights.Checkpoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The device chooses the host's tokens from its own logits, and tells the same of them. */
class CudaSamplingTest {
  private static final int REQUESTS = 200;
  private static final int CHECKED_REQUESTS = 60;
  private static final int BLOCK_TOKENS = 16;

  /** Probabilities: of the last there may be more tokens than the device lists. */
  private static final double[] LEAST = {0.3, 1e-2, 2e-3, 1e-3, 1e-9};

  private static final Path MODEL = Path.of("src/test/resources/goldens/model/odd-mxfp4-sharded");

  private static SamplingParams sampling(int[] prompt, Random random, int seed) {
    double temperature = random.nextInt(4) == 0 ? 0 : Math.pow(10, random.nextDouble() * 3 - 1.5);
    SamplingParams.Builder params =
        SamplingParams.builder().temperature(temperature).seed(seed * 0x9E3779B97F4A7C15L);
    if (random.nextBoolean()) {
      params.topP(
          random.nextInt(4) == 0 ? 1e-9 * random.nextInt(2) : 1 - Math.pow(random.nextDouble(), 3));
    }
    if (random.nextInt(3) == 0) {
      params.topK(1 + random.nextInt(random.nextBoolean() ? 3 : 400));
    }
    if (random.nextInt(3) == 0) {
      params.minP(random.nextInt(4) == 0 ? 1 : Math.pow(random.nextDouble(), 4));
    }
    if (random.nextInt(3) == 0) {
      params
          .presencePenalty(random.nextDouble() * 4 - 2)
          .frequencyPenalty(random.nextDouble() * 4 - 2)
          .repetitionPenalty(0.5 + random.nextDouble());
    }
    if (random.nextInt(3) == 0) {
      params.logitBias(
          LogitBias.of(
              Map.of(
                  random.nextInt(333),
                  5f * random.nextFloat(),
                  7,
                  -100f,
                  prompt[0],
                  -random.nextFloat())));
    }
    return params.build();
  }

  /** All prompts in one step, each with a KV block of its own; their last rows yield logits. */
  private static Step step(List<int[]> prompts) {
    int tokens = prompts.stream().mapToInt(prompt -> prompt.length).sum();
    int[] ids = new int[tokens];
    int[] positions = new int[tokens];
    int[] starts = new int[prompts.size() + 1];
    int[] logitsRows = new int[prompts.size()];
    for (int s = 0; s < prompts.size(); s++) {
      int[] prompt = prompts.get(s);
      for (int t = 0; t < prompt.length; t++) {
        ids[starts[s] + t] = prompt[t];
        positions[starts[s] + t] = t;
      }
      starts[s + 1] = starts[s] + prompt.length;
      logitsRows[s] = starts[s + 1] - 1;
    }
    int[] each = IntStream.rangeClosed(0, prompts.size()).toArray();
    return new Step(
        tokens,
        ids,
        positions,
        prompts.size(),
        starts,
        BLOCK_TOKENS,
        each,
        each,
        1,
        each,
        prompts.size(),
        logitsRows);
  }

  private static SampleRow row(int[] prompt, int index, int vocabulary) {
    Random random = new Random(index);
    SamplingParams params = sampling(prompt, random, index);
    if (random.nextInt(3) == 0) {
      params = params.toBuilder().logprobs(random.nextInt(8)).build();
    }
    TokenHistory history = new TokenHistory(vocabulary);
    history.addPrompt(prompt);
    TokenSet allowed = null;
    if (random.nextInt(3) == 0) {
      allowed = new TokenSet(vocabulary);
      random.ints(40, 0, vocabulary).forEach(allowed::add);
    }
    double least =
        random.nextInt(3) > 0 ? SampleRow.NOT_WEIGHED : LEAST[random.nextInt(LEAST.length)];
    return new SampleRow(params, history, prompt.length, allowed, least);
  }

  @Test
  void choosesAndTellsWhatTheHostDoes() throws Exception {
    GpuTests.start(EmulatedMachine.fast().devices(128).deferred());
    choosesAndTellsWhatTheHostDoes(REQUESTS);
  }

  @Test
  void checkedKernelsFindNothing() throws Exception {
    GpuTests.requireEmulator();
    EmulatedMachine.checked().devices(128).order(Order.RANDOM, 3).deferred().start();
    choosesAndTellsWhatTheHostDoes(CHECKED_REQUESTS);
  }

  private static void choosesAndTellsWhatTheHostDoes(int requests) throws Exception {
    List<int[]> prompts = new ArrayList<>();
    for (int i = 0; i < requests; i++) {
      prompts.add(new Random(i).ints(1 + i % 5, 8, 333).toArray());
    }
    Step step = step(prompts);
    try (Checkpoint checkpoint = Checkpoint.open(MODEL);
        CudaBackend backend = new CudaBackend(List.of(0), 0.9, false);
        LoadedModel model = backend.load(checkpoint, List.of())) {
      ModelConfig config = checkpoint.config();
      Operations ops =
          model.allocate(new Capacity(step.tokens(), BLOCK_TOKENS, requests, requests));
      Transformer transformer = new Transformer(ops, config, step.tokens(), model.logitsRows());
      SampleRow[] rows = new SampleRow[requests];
      Arrays.setAll(rows, r -> row(prompts.get(r), r, config.vocabSize()));
      int[] tokens = new int[requests];
      TokenDetails[] details = new TokenDetails[requests];
      transformer.forward(step);
      SampledTokens sampled = transformer.sample(step, rows);
      sampled.await(tokens, details);
      Sampler.Workspace workspace = new Sampler.Workspace();
      transformer.logits(
          step,
          (r, logits) -> {
            int token = rows[r].choose(logits, 0, logits.length, workspace);
            assertThat(tokens[r]).as("row %d", r).isEqualTo(token);
            TokenDetails expected = rows[r].details(logits, 0, logits.length, token, workspace);
            assertThat(details[r]).as("row %d", r).usingRecursiveComparison().isEqualTo(expected);
          });
      assertThat(Arrays.stream(details).filter(Objects::nonNull)).hasSizeGreaterThan(requests / 4);
      for (double least : LEAST) {
        assertThat(Arrays.stream(rows).filter(row -> row.leastProbability() == least))
            .as("rows weighed down to %s", least)
            .hasSizeGreaterThan(requests / 80);
      }
    }
  }
}
