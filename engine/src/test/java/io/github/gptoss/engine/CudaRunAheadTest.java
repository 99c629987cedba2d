package io.github.gptoss.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.engine.backend.Backend;
import io.github.gptoss.engine.backend.LoadedModel;
import io.github.gptoss.engine.backend.Operations;
import io.github.gptoss.engine.backend.SampleRow;
import io.github.gptoss.engine.backend.SampledTokens;
import io.github.gptoss.engine.backend.WrappedModel;
import io.github.gptoss.engine.backend.cuda.emulator.EmulatedMachine;
import io.github.gptoss.engine.backend.cuda.emulator.GpuTests;
import io.github.gptoss.engine.constraint.ConstraintSpec;
import io.github.gptoss.engine.constraint.TurnSpec;
import io.github.gptoss.engine.lora.LoraAdapter;
import io.github.gptoss.engine.sampling.SamplingParams;
import io.github.gptoss.engine.weights.Checkpoint;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The device has a step's forward pass queued before the host waits for the tokens of the step
 * before it; only then are the step's masks and penalties known, and its rows sampled.
 */
class CudaRunAheadTest {
  /** A backend that writes down what is asked of it, by the number of the step. */
  private static final class Trace implements Backend {
    /**
     * "forward N", "tokens N" as they are waited for, "choose N"; "choose N masked" with a mask.
     */
    final List<String> events = new ArrayList<>();

    private final Backend backend;
    private int steps;

    Trace(Backend backend) {
      this.backend = backend;
    }

    @Override
    public String description() {
      return backend.description();
    }

    @Override
    public LoadedModel load(Checkpoint checkpoint, List<LoraAdapter> adapters) {
      return new WrappedModel(backend.load(checkpoint, adapters), this::traced);
    }

    private Operations traced(Operations operations) {
      return (Operations)
          Proxy.newProxyInstance(
              Operations.class.getClassLoader(),
              new Class<?>[] {Operations.class},
              (proxy, method, arguments) -> {
                switch (method.getName()) {
                  case "begin" -> events.add("forward " + ++steps);
                  case "sample" ->
                      events.add("choose " + steps + masked((SampleRow[]) arguments[3]));
                  default -> {}
                }
                try {
                  Object result = method.invoke(operations, arguments);
                  return result instanceof SampledTokens tokens ? awaited(tokens, steps) : result;
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
    }

    private static String masked(SampleRow[] rows) {
      return Arrays.stream(rows).anyMatch(row -> row.allowed() != null) ? " masked" : "";
    }

    private SampledTokens awaited(SampledTokens tokens, int step) {
      return (chosen, details) -> {
        events.add("tokens " + step);
        tokens.await(chosen, details);
      };
    }

    @Override
    public void close() {
      backend.close();
    }
  }

  private Trace trace;

  private GenerationResult generate(EngineConfig config, GenerationRequest request)
      throws InterruptedException {
    try (GptOssEngine engine =
        GptOssEngine.open(config, c -> trace = new Trace(Backends.open(c)))) {
      return engine.generate(List.of(request)).get(0);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, -1", "0.5, -1", "0, 3"})
  void everyStepIsQueuedBeforeTheTokensOfTheLastOneAreKnown(double penalty, int logprobs)
      throws Exception {
    GpuTests.start(EmulatedMachine.fast().devices(128).deferred());
    int tokens = 12;
    GenerationRequest request =
        GenerationRequest.raw(IntBuffer.wrap(new int[] {5, 6, 7}))
            .sampling(
                SamplingParams.builder()
                    .presencePenalty(penalty)
                    .logprobs(logprobs)
                    .seed(1)
                    .build())
            .ignoreEos(true)
            .maxTokens(tokens)
            .build();
    EngineConfig config =
        EngineConfig.builder("src/test/resources/goldens/model/tiny-mxfp4")
            .backend("cuda")
            .kvCacheBytes(8 << 20)
            .maxModelLen(512)
            .build();
    assertThat(generate(config, request).tokens()).hasSize(tokens);
    List<String> expected = new ArrayList<>(List.of("forward 1", "choose 1"));
    for (int step = 1; step < tokens; step++) {
      expected.addAll(List.of("forward " + (step + 1), "tokens " + step, "choose " + (step + 1)));
    }
    expected.add("tokens " + tokens);
    assertThat(trace.events).isEqualTo(expected);
  }

  @Test
  void masksAreMadeWhileTheDeviceComputes() throws Exception {
    GpuTests.start(EmulatedMachine.fast().devices(400).deferred());
    ConstraintSpec form =
        ConstraintSpec.of(null, new ObjectMapper().readTree("{\"regex\": \"[0-9]{12}\"}"))
            .orElseThrow();
    GenerationRequest request =
        DemoPrompts.request(DemoPrompts.read().get(0))
            .turn(new TurnSpec(form, List.of()))
            .maxReasoningTokens(4)
            .maxTokens(48)
            .build();
    EngineConfig config =
        EngineConfig.builder("demo")
            .backend("cuda")
            .kvCacheBytes(64 << 20)
            .maxModelLen(2048)
            .build();
    assertThat(generate(config, request).response()).matches("[0-9]{12}");
    List<String> masked = trace.events.stream().filter(e -> e.endsWith(" masked")).toList();
    assertThat(masked).hasSizeGreaterThan(4);
    for (String choose : masked) {
      int step = Integer.parseInt(choose.split(" ")[1]);
      if (step > 1) {
        assertThat(trace.events)
            .containsSubsequence("forward " + step, "tokens " + (step - 1), choose);
      }
    }
  }
}
