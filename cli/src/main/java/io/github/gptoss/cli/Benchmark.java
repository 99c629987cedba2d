package io.github.gptoss.cli;

import io.github.gptoss.engine.GenerationRequest;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.GptOssEngine;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.error.InvalidRequestException;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Measures an engine with random prompts and greedy decoding that never ends by itself. */
final class Benchmark {
  private final GptOssEngine engine;
  private final SplittableRandom random;
  private final int rounds;

  Benchmark(GptOssEngine engine, long seed, int rounds) {
    this.engine = engine;
    this.random = new SplittableRandom(seed);
    this.rounds = rounds;
  }

  /** When each token of a round came, as the engine's thread tells. */
  private static final class Times {
    private final long[] firstNanos;
    private final long[] tokenNanos;
    private int tokens;

    Times(int batch, int outputTokens) {
      firstNanos = new long[batch];
      tokenNanos = new long[batch * outputTokens];
    }

    void onToken(int request) {
      long now = System.nanoTime();
      if (firstNanos[request] == 0) {
        firstNanos[request] = now;
      }
      tokenNanos[tokens++] = now;
    }

    /** Tokens after the moment from which all requests only decode, over the time they took. */
    double decodeTokensPerSecond() {
      long start = Arrays.stream(firstNanos).max().orElseThrow();
      long end = tokenNanos[tokens - 1];
      long decoded = Arrays.stream(tokenNanos, 0, tokens).filter(nanos -> nanos > start).count();
      return decoded / ((end - start) / 1e9);
    }
  }

  /** Speed of a prompt alone, up to its first token. */
  double prefillTokensPerSecond(int promptTokens) throws InterruptedException {
    double[] speeds = new double[rounds];
    for (int round = -1; round < rounds; round++) {
      long startNanos = System.nanoTime();
      Times times = round(1, promptTokens, 1, List.of());
      if (round >= 0) {
        speeds[round] = promptTokens / ((times.tokenNanos[0] - startNanos) / 1e9);
      }
    }
    return median(speeds);
  }

  /**
   * Tokens of all requests together, from when the last of them has its first token: of the model
   * alone, and, where there are adapters, with requests that take turns in naming them. The rounds
   * of both take turns too, so that a machine that slows down slows down both.
   */
  double[] decodeTokensPerSecond(int batch, int promptTokens, int outputTokens)
      throws InterruptedException {
    List<String> adapters = List.copyOf(engine.info().adapters().keySet());
    double[][] speeds = new double[adapters.isEmpty() ? 1 : 2][rounds];
    for (int round = -1; round < rounds; round++) {
      for (int kind = 0; kind < speeds.length; kind++) {
        Times times = round(batch, promptTokens, outputTokens, kind == 0 ? List.of() : adapters);
        if (round >= 0) {
          speeds[kind][round] = times.decodeTokensPerSecond();
        }
      }
    }
    return Arrays.stream(speeds).mapToDouble(Benchmark::median).toArray();
  }

  private Times round(int batch, int promptTokens, int outputTokens, List<String> adapters)
      throws InterruptedException {
    Times times = new Times(batch, outputTokens);
    List<GenerationRequest> requests = new ArrayList<>(batch);
    for (int i = 0; i < batch; i++) {
      int request = i;
      int[] prompt = random.ints(promptTokens, 0, engine.info().vocabSize()).toArray();
      requests.add(
          GenerationRequest.raw(IntBuffer.wrap(prompt))
              .maxTokens(outputTokens)
              .ignoreEos(true)
              .lora(adapters.isEmpty() ? null : adapters.get(i % adapters.size()))
              .listener((token, kind, text) -> times.onToken(request))
              .build());
    }
    for (GenerationResult result : engine.generate(requests)) {
      if (result.error() != null) {
        throw new InvalidRequestException(result.error().code(), result.error().message());
      }
      if (result.tokens().length < outputTokens) {
        throw new InvalidConfigException(
            "a request of "
                + (promptTokens + outputTokens)
                + " tokens exceeds the context of "
                + engine.info().maxModelLen()
                + ": lower --prompt, --prefill or --output");
      }
    }
    return times;
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    int middle = values.length / 2;
    return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  }
}
