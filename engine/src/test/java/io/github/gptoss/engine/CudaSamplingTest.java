package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptoss.engine.backend.cuda.emulator.EmulatedMachine;
import io.github.gptoss.engine.backend.cuda.emulator.GpuTests;
import io.github.gptoss.engine.sampling.LogitBias;
import io.github.gptoss.engine.sampling.SamplingParams;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Rows that ask for log-probabilities are sampled on the host: both must choose the same token. */
class CudaSamplingTest {
  private static final int REQUESTS = 200;
  private static final int TOKENS = 3;
  private static final String MODEL = "src/test/resources/goldens/model/odd-mxfp4-sharded";

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

  private static GenerationRequest request(int[] prompt, SamplingParams params) {
    return GenerationRequest.raw(IntBuffer.wrap(prompt))
        .sampling(params)
        .ignoreEos(true)
        .maxTokens(TOKENS)
        .build();
  }

  @Test
  void choosesWhatTheHostChooses() throws Exception {
    GpuTests.start(EmulatedMachine.fast().devices(128));
    List<GenerationRequest> onDevice = new ArrayList<>();
    List<GenerationRequest> onHost = new ArrayList<>();
    for (int i = 0; i < REQUESTS; i++) {
      int[] prompt = new Random(i).ints(1 + i % 5, 8, 333).toArray();
      SamplingParams params = sampling(prompt, new Random(i), i);
      onDevice.add(request(prompt, params));
      onHost.add(request(prompt, params.toBuilder().logprobs(0).build()));
    }
    try (GptOssEngine engine =
        GptOssEngine.open(
            EngineConfig.builder(MODEL)
                .backend("cuda")
                .kvCacheBytes(16 << 20)
                .maxModelLen(256)
                .build())) {
      List<GenerationResult> device = engine.generate(onDevice);
      List<GenerationResult> host = engine.generate(onHost);
      int sampled = 0;
      for (int i = 0; i < device.size(); i++) {
        assertThat(device.get(i).tokens()).as("request %d", i).isEqualTo(host.get(i).tokens());
        assertThat(device.get(i).error()).isNull();
        sampled += device.get(i).tokens().length;
      }
      assertThat(sampled).isEqualTo(REQUESTS * TOKENS);
    }
  }
}
