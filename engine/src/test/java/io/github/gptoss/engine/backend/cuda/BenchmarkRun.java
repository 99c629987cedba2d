package io.github.gptoss.engine.backend.cuda;

import io.github.gptoss.engine.backend.SampleRow;
import io.github.gptoss.engine.backend.SampledTokens;
import io.github.gptoss.engine.backend.Step;
import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.sampling.SamplingParams;
import io.github.gptoss.engine.sampling.TokenDetails;
import io.github.gptoss.engine.transformer.Transformer;
import java.util.Arrays;
import java.util.Map;
import java.util.function.IntFunction;
import jcuda.driver.JCudaDriver;

/**
 * Steps of a loaded model one after the other, each queued before the last one's tokens are read.
 */
final class BenchmarkRun {
  private static final int WARM_UP_STEPS = 3;
  private static final int WATCHED_STEPS = 5;

  private final CudaDevice device;
  private final BenchmarkSteps steps;
  private final TimedOperations ops;
  private final Transformer transformer;
  private final SampleRow[] greedy;
  private final int[] tokens;
  private final TokenDetails[] details;
  private SampledTokens pending;
  private int pendingCount;

  BenchmarkRun(CudaModel model, CudaDevice device, ModelConfig config, BenchmarkSteps steps) {
    this.device = device;
    this.steps = steps;
    ops = new TimedOperations(model.allocate(steps.capacity()), device);
    transformer = new Transformer(ops, config, steps.capacity().maxTokens(), model.logitsRows());
    SamplingParams params = SamplingParams.builder().temperature(0).build();
    greedy = new SampleRow[steps.sequences()];
    Arrays.fill(greedy, new SampleRow(params, null, 0, null, SampleRow.NOT_WEIGHED));
    tokens = new int[steps.sequences()];
    details = new TokenDetails[steps.sequences()];
  }

  /** Computes all prompts; seconds that it takes once the kernels are loaded. */
  double prefillSeconds() {
    queue(steps.prompts(0, steps.promptsEach()));
    long startNanos = finished();
    for (int from = 0; from < steps.sequences(); from += steps.promptsEach()) {
      queue(steps.prompts(from, Math.min(steps.promptsEach(), steps.sequences() - from)));
    }
    return (finished() - startNanos) / 1e9;
  }

  /** Generates so many tokens of each of the first {@code count} sequences. */
  double decodeSeconds(int count, int outputTokens) {
    int from = steps.promptTokens();
    for (int i = 0; i < WARM_UP_STEPS; i++) {
      queue(steps.decode(count, from, i > 0));
    }
    long startNanos = finished();
    for (int i = 0; i < outputTokens; i++) {
      queue(steps.decode(count, from + i, true));
    }
    return (finished() - startNanos) / 1e9;
  }

  /** Seconds of each operation in a step that generates, all layers together. */
  Map<String, Double> decodeOperations(int count, int position) {
    return operations(i -> steps.decode(count, position, i > 0));
  }

  /** Likewise in a step that computes prompts. */
  Map<String, Double> prefillOperations() {
    return operations(i -> steps.prompts(0, steps.promptsEach()));
  }

  /** Computes a step of prompts that a profiler watches. */
  void profilePrefill() {
    profile(steps.prompts(0, steps.promptsEach()));
  }

  /** Likewise a step that generates. */
  void profileDecode(int count, int position) {
    profile(steps.decode(count, position, true));
  }

  private void profile(Step step) {
    finished();
    device.check(JCudaDriver.cuProfilerStart());
    queue(step);
    finished();
    device.check(JCudaDriver.cuProfilerStop());
  }

  private Map<String, Double> operations(IntFunction<Step> next) {
    queue(next.apply(0));
    ops.watch();
    for (int i = 1; i <= WATCHED_STEPS; i++) {
      queue(next.apply(i));
    }
    Map<String, Double> seconds = ops.seconds();
    seconds.replaceAll((name, sum) -> sum / WATCHED_STEPS);
    finished();
    return seconds;
  }

  /** Token of each sequence in the step that was computed last. */
  int[] tokens(int count) {
    return Arrays.copyOf(tokens, count);
  }

  void queue(Step step) {
    transformer.forward(step);
    SampledTokens next = transformer.sample(step, greedy);
    await();
    pending = next;
    pendingCount = step.logitsCount();
  }

  private void await() {
    if (pending == null) {
      return;
    }
    pending.await(tokens, details);
    pending = null;
    for (int r = 0; r < pendingCount; r++) {
      if (tokens[r] < 0) {
        throw new IllegalStateException("row " + r + " of a step has no finite logits");
      }
    }
  }

  /** The time when all that was queued is done. */
  long finished() {
    await();
    device.synchronize();
    return System.nanoTime();
  }
}
