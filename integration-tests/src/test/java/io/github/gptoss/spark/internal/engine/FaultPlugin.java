package io.github.gptoss.spark.internal.engine;

import io.github.gptoss.engine.GptOssEngine;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;

/**
 * Counts what the engines of a process generate into the meter of {@code spark.it.meters}, and
 * kills the engine of the first process that gets to {@code spark.it.dieAtTokens}.
 */
public final class FaultPlugin implements SparkPlugin {
  public static final String METERS = "spark.it.meters";
  public static final String DIE_AT_TOKENS = "spark.it.dieAtTokens";
  private static final String DIED = "died";
  private static final long PERIOD_MILLIS = 5;

  /** Whether an engine was killed. */
  public static boolean hasStruck(Path meters) {
    return Files.exists(meters.resolve(DIED));
  }

  @Override
  public DriverPlugin driverPlugin() {
    return null;
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new Executor();
  }

  private static final class Executor implements ExecutorPlugin {
    private final ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "it-fault");
              thread.setDaemon(true);
              return thread;
            });

    private Path meters;
    private TokenMeter meter;
    private long dieAtTokens;
    private CompletionEngine engine;
    private long ofEnginesBefore;

    @Override
    public void init(PluginContext context, Map<String, String> extraConf) {
      meters = Path.of(context.conf().get(METERS));
      dieAtTokens = context.conf().getLong(DIE_AT_TOKENS, Long.MAX_VALUE);
      try {
        meter = TokenMeter.create(meters);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
      Engines.wrap(this::opened);
      timer.scheduleAtFixedRate(this::look, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    private synchronized CompletionEngine opened(CompletionEngine next) {
      ofEnginesBefore += engine == null ? 0 : engine.stats().generatedTokens();
      engine = next;
      return next;
    }

    private synchronized void look() {
      if (engine == null) {
        return;
      }
      long generated = ofEnginesBefore + engine.stats().generatedTokens();
      meter.set(generated);
      if (generated >= dieAtTokens && engine.isAlive() && isFirst()) {
        kill();
      }
    }

    private boolean isFirst() {
      dieAtTokens = Long.MAX_VALUE;
      try {
        Files.createFile(meters.resolve(DIED));
        return true;
      } catch (FileAlreadyExistsException e) {
        return false;
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }

    /** By a command that fails on the engine's own thread, as one of a lost device would. */
    @SuppressWarnings("unchecked") // the field's own type
    private void kill() {
      try {
        Field loop = GptOssEngine.class.getDeclaredField("loop");
        loop.setAccessible(true);
        Field inbox = loop.getType().getDeclaredField("inbox");
        inbox.setAccessible(true);
        ((Queue<Runnable>) inbox.get(loop.get(((OpenedEngine) engine).engine())))
            .add(
                () -> {
                  throw new IllegalStateException("device lost, says a test");
                });
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void shutdown() {
      timer.shutdownNow();
    }
  }
}
