package io.github.gptoss.engine;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.backend.cuda.RandomCudaBackend;
import io.github.gptoss.engine.weights.RandomCheckpoint;
import java.io.IOException;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Speed of whole requests on one GPU with random weights; gpu/check.sh runs it. */
@Command(
    name = "CudaEngineBenchmark",
    mixinStandardHelpOptions = true,
    description =
        "Has an engine complete random prompts, twice as many as it has in flight, as Spark's tasks"
            + " hand them in: with the backend's own settings where none is named. Prints how far"
            + " it is all ten seconds, and at the end the tokens generated over the time they"
            + " took.")
public final class CudaEngineBenchmark implements Callable<Integer> {
  private static final long SEED = 1;
  private static final int WARM_UP_TOKENS = 16;
  private static final int SECONDS_A_LINE = 10;

  @Option(names = "--model", required = true, description = "20b, 120b or a config.json.")
  private String model;

  @Option(names = "--device", defaultValue = "0", description = "Ordinal of the GPU.")
  private int ordinal;

  @Option(
      names = "--sequences",
      defaultValue = "0",
      description = "max_num_seqs; 0 for the backend's own.")
  private int sequences;

  @Option(
      names = "--max-tokens",
      defaultValue = "0",
      description = "max_num_batched_tokens; 0 for the backend's own.")
  private int maxTokens;

  @Option(names = "--prompt", defaultValue = "1024", description = "Tokens of each prompt.")
  private int promptTokens;

  @Option(names = "--output", defaultValue = "1024", description = "Tokens generated a request.")
  private int outputTokens;

  @Option(names = "--wgmma", description = "Multiplies by wgmma, as option cuda_wgmma does.")
  private boolean wgmma;

  @Option(names = "--json", description = "File for the results.")
  private Path jsonFile;

  private final SplittableRandom random = new SplittableRandom(SEED);
  private final ObjectNode json = new ObjectMapper().createObjectNode();
  private RandomCudaBackend backend;

  public static void main(String[] args) {
    System.exit(new CommandLine(new CudaEngineBenchmark()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("shape");
    // Also where a stage's time is over.
    folder.toFile().deleteOnExit();
    folder.resolve("config.json").toFile().deleteOnExit();
    folder.resolve("model.safetensors").toFile().deleteOnExit();
    RandomCheckpoint.writeHollow(folder, RandomCudaBackend.configJson(model));
    EngineConfig config =
        EngineConfig.builder(folder.toString())
            .backend("cuda")
            .device(ordinal)
            .maxNumSeqs(sequences)
            .maxNumBatchedTokens(maxTokens)
            .cudaWgmma(wgmma)
            .build();
    try (GptOssEngine engine = GptOssEngine.open(config, this::open)) {
      measure(engine, config);
    }
    if (jsonFile != null) {
      Files.writeString(jsonFile, json.toPrettyString() + "\n");
    }
    return 0;
  }

  private RandomCudaBackend open(EngineConfig config) {
    backend = new RandomCudaBackend(config, SEED);
    return backend;
  }

  private void measure(GptOssEngine engine, EngineConfig config) throws InterruptedException {
    EngineInfo info = engine.info();
    if (promptTokens + outputTokens > info.maxModelLen()) {
      throw new IllegalArgumentException(
          "%d tokens of a prompt and %d generated exceed the context of %d"
              .formatted(promptTokens, outputTokens, info.maxModelLen()));
    }
    int requests = 2 * config.maxNumSeqs();
    print("%n## %s, %s%n%n", model, info.backend());
    print(
        "%d requests of %d tokens, %d generated of each; steps of at most %d sequences and %d"
            + " tokens; loaded in %.1f s%n%n",
        requests,
        promptTokens,
        outputTokens,
        config.maxNumSeqs(),
        config.maxNumBatchedTokens(),
        info.loadNanos() / 1e9);
    run(engine, config.maxNumSeqs(), Math.min(WARM_UP_TOKENS, outputTokens), false);
    EngineStats before = engine.stats();
    long awaitedBefore = backend.awaitedNanos();
    long startNanos = System.nanoTime();
    run(engine, requests, outputTokens, true);
    long nanos = System.nanoTime() - startNanos;
    EngineStats after = engine.stats();
    double generated = (double) requests * outputTokens;
    double awaited = (double) (backend.awaitedNanos() - awaitedBefore) / nanos;
    long steps = after.steps() - before.steps();
    long preemptions = after.preemptions() - before.preemptions();
    print(
        "%n%.0f tokens/s generated, %.0f with the prompts', in %.1f s; %d steps of %.0f tokens and"
            + " %.2f ms; %d preemptions; the engine's thread waited for the GPU %.0f %% of the"
            + " time%n",
        generated / nanos * 1e9,
        (double) requests * (promptTokens + outputTokens) / nanos * 1e9,
        nanos / 1e9,
        steps,
        (double) (after.scheduledTokens() - before.scheduledTokens()) / steps,
        nanos / 1e6 / steps,
        preemptions,
        100 * awaited);
    json.put("model", model).put("backend", info.backend());
    json.put("requests", requests);
    json.put("prompt_tokens", promptTokens).put("output_tokens", outputTokens);
    json.put("max_num_seqs", config.maxNumSeqs());
    json.put("max_num_batched_tokens", config.maxNumBatchedTokens());
    json.put("load_seconds", info.loadNanos() / 1e9).put("seconds", nanos / 1e9);
    json.put("tokens_per_second", generated / nanos * 1e9);
    json.put("steps", steps).put("preemptions", preemptions);
    json.put("kv_total_bytes", after.kvTotalBytes()).put("share_awaited", awaited);
  }

  /** Completes so many random prompts, handed in as fast as the engine takes them. */
  private void run(GptOssEngine engine, int requests, int tokens, boolean tell)
      throws InterruptedException {
    List<CompletableFuture<GenerationResult>> futures = new ArrayList<>(requests);
    if (tell) {
      print(
          "| s | requests done | in flight | generated, tokens/s | tokens a step | GPU awaited"
              + " |%n");
      print("|---|---|---|---|---|---|%n");
    }
    Progress progress = new Progress(engine);
    for (int i = 0; i < requests; i++) {
      int[] prompt = random.ints(promptTokens, 0, engine.info().vocabSize()).toArray();
      futures.add(
          engine.submit(
              GenerationRequest.raw(IntBuffer.wrap(prompt))
                  .maxTokens(tokens)
                  .ignoreEos(true)
                  .build()));
    }
    CompletableFuture<Void> all =
        CompletableFuture.allOf(futures.toArray(CompletableFuture<?>[]::new));
    while (!isDone(all)) {
      if (tell) {
        progress.line(futures.stream().filter(CompletableFuture::isDone).count());
      }
    }
    if (tell) {
      progress.line(requests);
    }
    for (CompletableFuture<GenerationResult> future : futures) {
      GenerationResult result = future.join();
      if (result.error() != null || result.tokens().length != tokens) {
        throw new IllegalStateException(
            "a request of %d tokens ended with %d: %s"
                .formatted(tokens, result.tokens().length, result.error()));
      }
    }
  }

  /** Whether all have ended, after a while. */
  private static boolean isDone(CompletableFuture<Void> all) throws InterruptedException {
    try {
      all.get(SECONDS_A_LINE, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("the engine died", e.getCause());
    }
    return true;
  }

  /** What the engine has done since the line before. */
  private final class Progress {
    private final GptOssEngine engine;
    private final long startNanos = System.nanoTime();
    private long lastNanos = startNanos;
    private long lastAwaited = backend.awaitedNanos();
    private EngineStats last;

    Progress(GptOssEngine engine) {
      this.engine = engine;
      last = engine.stats();
    }

    void line(long done) {
      EngineStats now = engine.stats();
      long nanos = System.nanoTime();
      long awaited = backend.awaitedNanos();
      double took = nanos - lastNanos;
      print(
          "| %.0f | %d | %d | %.0f | %.0f | %.0f %% |%n",
          (nanos - startNanos) / 1e9,
          done,
          now.runningRequests(),
          (now.generatedTokens() - last.generatedTokens()) / took * 1e9,
          (double) (now.scheduledTokens() - last.scheduledTokens())
              / Math.max(1, now.steps() - last.steps()),
          100 * (awaited - lastAwaited) / took);
      last = now;
      lastNanos = nanos;
      lastAwaited = awaited;
    }
  }

  private static void print(String format, Object... values) {
    System.out.printf(Locale.ROOT, format, values);
  }
}
