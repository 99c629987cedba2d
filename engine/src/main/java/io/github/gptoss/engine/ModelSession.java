package io.github.gptoss.engine;

import io.github.gptoss.engine.backend.Backend;
import io.github.gptoss.engine.backend.Capacity;
import io.github.gptoss.engine.backend.KvBudget;
import io.github.gptoss.engine.backend.LoadedModel;
import io.github.gptoss.engine.backend.Operations;
import io.github.gptoss.engine.backend.Step;
import io.github.gptoss.engine.error.InvalidConfigException;
import io.github.gptoss.engine.model.AttentionKind;
import io.github.gptoss.engine.model.ModelConfig;
import io.github.gptoss.engine.scheduler.KvCacheConfig;
import io.github.gptoss.engine.scheduler.KvDivision;
import io.github.gptoss.engine.scheduler.ScheduledBatch;
import io.github.gptoss.engine.scheduler.Scheduler;
import io.github.gptoss.engine.scheduler.SchedulerConfig;
import io.github.gptoss.engine.scheduler.SchedulerStats;
import io.github.gptoss.engine.tokenizer.Tokenizer;
import io.github.gptoss.engine.transformer.Transformer;
import io.github.gptoss.engine.weights.Checkpoint;
import io.github.gptoss.engine.weights.Models;
import java.nio.file.Path;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A loaded model with its scheduler and KV cache: what one thread needs to compute steps. */
final class ModelSession implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ModelSession.class);

  private final Backend backend;
  private final LoadedModel loaded;
  private final ModelConfig model;
  private final Scheduler scheduler;
  private final Transformer transformer;
  private final EngineInfo info;
  private final TurnGrammars turns = new TurnGrammars();
  private final long fullBlockBytes;
  private final long windowBlockBytes;
  private final long kvTotalBytes;
  private final int kvTotalBlocks;

  /** Opens backend and model; fails as {@link GptOssEngine#open} does. */
  ModelSession(EngineConfig config, Function<EngineConfig, Backend> backends) {
    long startNanos = System.nanoTime();
    Path folder = Models.resolve(config.model());
    backend = backends.apply(config);
    LoadedModel opened = null;
    LoadedAdapters adapters = null;
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      checkpoint.warnings().forEach(warning -> LOG.warn("{}", warning));
      checkpoint.verifyScales();
      model = checkpoint.config();
      adapters = LoadedAdapters.open(config.loraAdapters(), model);
      LOG.info("loading {} ({} bytes) for {}", folder, checkpoint.bytes(), backend.description());
      opened = backend.load(checkpoint, adapters.opened());
      loaded = opened;
      int contextTokens = contextTokens(config, model);
      SchedulerConfig schedulerConfig = schedulerConfig(config, contextTokens);
      fullBlockBytes = loaded.fullBytesPerToken() * config.blockSize();
      windowBlockBytes = loaded.windowBytesPerToken() * config.blockSize();
      KvCacheConfig kv = kvConfig(config, schedulerConfig, contextTokens);
      kvTotalBytes = kv.fullBlocks() * fullBlockBytes + kv.windowBlocks() * windowBlockBytes;
      kvTotalBlocks = kv.fullBlocks() + kv.windowBlocks();
      scheduler = new Scheduler(schedulerConfig, kv);
      Operations operations = loaded.allocate(capacity(config, kv));
      transformer =
          new Transformer(operations, model, config.maxNumBatchedTokens(), loaded.logitsRows());
      info =
          new EngineInfo(
              folder.toString(),
              checkpoint.fingerprint(),
              backend.description(),
              Math.min(contextTokens, kv.maxSequenceTokens()),
              model.vocabSize(),
              model.vocabSize() == Tokenizer.VOCABULARY_SIZE,
              adapters.fingerprints(),
              System.nanoTime() - startNanos);
      LOG.info(
          "model ready in {} ms: context {} tokens, KV memory {} bytes for {} tokens, steps of at"
              + " most {} sequences and {} tokens",
          info.loadNanos() / 1_000_000,
          info.maxModelLen(),
          kvTotalBytes,
          (long) Math.max(kv.fullBlocks(), kv.windowBlocks()) * kv.blockTokens(),
          schedulerConfig.maxRunning(),
          schedulerConfig.maxStepTokens());
    } catch (RuntimeException | Error e) {
      if (opened != null) {
        opened.close();
      }
      backend.close();
      throw e;
    } finally {
      if (adapters != null) {
        adapters.close();
      }
    }
  }

  private static SchedulerConfig schedulerConfig(EngineConfig config, int contextTokens) {
    return new SchedulerConfig(
        Math.min(config.maxNumSeqs(), config.maxNumBatchedTokens()),
        config.maxNumBatchedTokens(),
        Math.min(config.maxNumBatchedTokens(), contextTokens),
        config.maxQueuedRequests(),
        config.enablePrefixCaching());
  }

  /** What is asked of the model's context, or all of it. */
  static int contextTokens(EngineConfig config, ModelConfig model) {
    if (config.maxModelLen() > model.maxPositions()) {
      throw new InvalidConfigException(
          ("max_model_len is %d, but the model's context is %d tokens (max_position_embeddings):"
                  + " lower max_model_len or leave it out")
              .formatted(config.maxModelLen(), model.maxPositions()));
    }
    return config.maxModelLen() == 0 ? model.maxPositions() : config.maxModelLen();
  }

  /** What to raise where KV memory is short. */
  private static String memory(EngineConfig config) {
    return config.backend().equals("cuda")
        ? "kv_cache_bytes or gpu_memory_utilization"
        : "kv_cache_bytes (or the JVM's heap)";
  }

  private static Capacity capacity(EngineConfig config, KvCacheConfig kv) {
    return new Capacity(
        config.maxNumBatchedTokens(), config.blockSize(), kv.fullBlocks(), kv.windowBlocks());
  }

  private KvCacheConfig kvConfig(
      EngineConfig config, SchedulerConfig schedulerConfig, int contextTokens) {
    boolean window = model.attention().contains(AttentionKind.WINDOW);
    KvDivision division =
        new KvDivision(
            fullBlockBytes,
            windowBlockBytes,
            config.blockSize(),
            window ? model.slidingWindow() : 0,
            schedulerConfig);
    KvBudget budget =
        new KvBudget() {
          @Override
          public long leastBytes() {
            return division.leastBytes();
          }

          @Override
          public Capacity divide(long kvBytes) {
            return capacity(config, division.divide(kvBytes, contextTokens));
          }
        };
    long kvBytes =
        config.kvCacheBytes() > 0 ? config.kvCacheBytes() : loaded.defaultKvBytes(budget);
    KvCacheConfig kv = division.divide(kvBytes, contextTokens);
    if (contextTokens > kv.maxSequenceTokens()) {
      long neededBytes = division.bytesForContext(contextTokens);
      String problem =
          "a context of %d tokens needs %d bytes of KV memory, and %d hold only %d tokens"
              .formatted(contextTokens, neededBytes, kvBytes, kv.maxSequenceTokens());
      if (config.maxModelLen() > 0) {
        throw new InvalidConfigException(
            "max_model_len is %d, but %s: raise %s or lower max_model_len"
                .formatted(config.maxModelLen(), problem, memory(config)));
      }
      LOG.warn(
          "the context is {} tokens: {}; raise {} for more, or set max_model_len to have the same"
              + " on every machine",
          kv.maxSequenceTokens(),
          problem,
          memory(config));
    }
    return kv;
  }

  ModelConfig model() {
    return model;
  }

  Scheduler scheduler() {
    return scheduler;
  }

  Transformer transformer() {
    return transformer;
  }

  TurnGrammars turns() {
    return turns;
  }

  EngineInfo info() {
    return info;
  }

  /**
   * The number by which a step knows an adapter; 0 for null. Fails if there is none of the name.
   */
  int adapter(String name) {
    return LoadedAdapters.number(name, info.adapters().keySet());
  }

  long kvTotalBytes() {
    return kvTotalBytes;
  }

  int kvTotalBlocks() {
    return kvTotalBlocks;
  }

  long kvUsedBytes(SchedulerStats stats) {
    return stats.full().used() * fullBlockBytes + stats.window().used() * windowBlockBytes;
  }

  /** The scheduler's batch in the backend's terms; shares its arrays. */
  static Step step(ScheduledBatch batch) {
    return new Step(
        batch.tokenCount(),
        batch.tokens(),
        batch.positions(),
        batch.sequenceCount(),
        batch.starts(),
        batch.blockTokens(),
        batch.fullStarts(),
        batch.fullBlocks(),
        batch.ringBlocks(),
        batch.windowBlocks(),
        batch.logitsCount(),
        batch.logitsRows(),
        batch.adapters());
  }

  @Override
  public void close() {
    turns.close();
    loaded.close();
    backend.close();
  }
}
