package io.github.gptoss.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptoss.engine.EngineConfig;
import io.github.gptoss.engine.EngineStats;
import io.github.gptoss.engine.GenerationRequest;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.GptOssEngine;
import io.github.gptoss.engine.constraint.ConstraintSpec;
import io.github.gptoss.engine.constraint.TurnSpec;
import io.github.gptoss.engine.harmony.ConversationBuilder;
import io.github.gptoss.engine.harmony.HarmonyEncoding;
import io.github.gptoss.engine.sampling.SamplingParams;
import java.io.IOException;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * How long steps wait for masks: a batch of rows under the schemas of a file, one after the other,
 * and the same batch without constraints. Reads lines of {@code {"schema"}}. Schemas that are
 * refused are passed over. The rows do not reason, so all of them are in their answers after the
 * first steps; a model of random weights writes whatever its schema allows.
 *
 * <pre>java --add-modules=jdk.incubator.vector -XX:MaxDirectMemorySize=4096g -cp
 * benchmarks/target/benchmarks.jar io.github.gptoss.benchmarks.ConstrainedSteps MODEL FILE
 * [ROWS [TOKENS]]</pre>
 */
public final class ConstrainedSteps {
  private final GptOssEngine engine;
  private final int[] prompt =
      HarmonyEncoding.gptOss().renderForCompletion(ConversationBuilder.ofPrompt("Go on.").build());
  private final int maxTokens;

  /** Of each step of a batch: what share of its time was waited for masks. */
  private final List<Double> shares = new ArrayList<>();

  private final List<Double> waitedMillis = new ArrayList<>();
  private final List<Double> stepMillis = new ArrayList<>();
  private EngineStats before;

  private ConstrainedSteps(GptOssEngine engine, int maxTokens) {
    this.engine = engine;
    this.maxTokens = maxTokens;
  }

  /** Prints a line for each batch. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    ObjectMapper json = new ObjectMapper();
    List<ConstraintSpec> schemas = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of(arguments[1]))) {
      schemas.add(ConstraintSpec.ofSchema(json.readTree(line).get("schema"), true));
    }
    int rows = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 256;
    int tokens = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 32;
    EngineConfig config = EngineConfig.builder(arguments[0]).maxNumSeqs(rows).build();
    try (GptOssEngine engine = GptOssEngine.open(config)) {
      // The first batch warms up, and compiles the schemas.
      new ConstrainedSteps(engine, tokens).run("warm-up", schemas, rows, 0);
      new ConstrainedSteps(engine, tokens).run("constrained", schemas, rows, rows);
      new ConstrainedSteps(engine, tokens).run("unconstrained", List.of(), rows, rows);
    }
  }

  private GenerationRequest.Builder request(int seed) {
    return GenerationRequest.harmony(IntBuffer.wrap(prompt))
        .sampling(SamplingParams.builder().temperature(1).seed(seed).build());
  }

  /**
   * @param schemas those of the rows in turn; none for rows without a constraint
   */
  private void run(String name, List<ConstraintSpec> schemas, int rows, int seed)
      throws InterruptedException {
    // The prompt, which all rows share, is computed before the time is taken.
    engine.generate(List.of(request(0).maxTokens(1).build()));
    List<GenerationRequest> requests = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      GenerationRequest.Builder request =
          request(seed + row).maxTokens(maxTokens).listener((token, kind, text) -> look());
      if (!schemas.isEmpty()) {
        ConstraintSpec schema = schemas.get(row % schemas.size());
        request.maxReasoningTokens(0).turn(new TurnSpec(schema, List.of()));
      } else {
        request.ignoreEos(true);
      }
      requests.add(request.build());
    }
    before = engine.stats();
    long startNanos = System.nanoTime();
    List<GenerationResult> results = engine.generate(requests);
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    long generated = results.stream().mapToLong(result -> result.tokens().length).sum();
    long refused = results.stream().filter(result -> result.error() != null).count();
    print(name, generated, seconds, refused);
  }

  /** Called on the engine's thread, while the tokens of a step are taken. */
  private void look() {
    EngineStats now = engine.stats();
    if (now.steps() == before.steps()) {
      return;
    }
    double busy = now.busyNanos() - before.busyNanos();
    double waited = now.maskWaitNanos() - before.maskWaitNanos();
    shares.add(100 * waited / busy);
    waitedMillis.add(waited / 1e6);
    stepMillis.add(busy / 1e6);
    before = now;
  }

  private void print(String name, long generated, double seconds, long refused) {
    double waited = waitedMillis.stream().mapToDouble(v -> v).sum();
    double busy = stepMillis.stream().mapToDouble(v -> v).sum();
    System.out.printf(
        Locale.ROOT,
        "%-13s %6d tokens, %6.1f tokens/s, %3d steps of %7.1f ms (median); waited for masks:"
            + " %6.3f %% of all, %6.3f %% of the worst step, %6.2f ms at most; %d rows refused%n",
        name,
        generated,
        generated / seconds,
        shares.size(),
        median(stepMillis),
        100 * waited / busy,
        Collections.max(shares),
        Collections.max(waitedMillis),
        refused);
  }

  private static double median(List<Double> values) {
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    return sorted.get(sorted.size() / 2);
  }
}
