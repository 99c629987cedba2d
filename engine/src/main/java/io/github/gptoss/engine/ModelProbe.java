package io.github.gptoss.engine;

import io.github.gptoss.engine.backend.Step;
import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.engine.lora.LoraAdapter;
import io.github.gptoss.engine.scheduler.ScheduledBatch;
import io.github.gptoss.engine.scheduler.Scheduler;
import io.github.gptoss.engine.scheduler.Sequence;
import io.github.gptoss.engine.transformer.Transformer;
import io.github.gptoss.engine.weights.Checkpoint;
import io.github.gptoss.engine.weights.Models;
import java.util.List;

/**
 * Reads what a model computes for given tokens, without generating: logits and hidden states, as
 * used to check an engine against a reference. All prompts of a call are computed as one batch. Not
 * thread-safe.
 */
public final class ModelProbe implements AutoCloseable {
  private final ModelSession session;

  private ModelProbe(ModelSession session) {
    this.session = session;
  }

  /** Same terms as {@link GptOssEngine#open}. */
  public static ModelProbe open(EngineConfig config) {
    return new ModelProbe(new ModelSession(config, Backends::open));
  }

  /**
   * Checks what can be told of a model for text without loading it: its folder, configuration,
   * headers and vocabulary, and whether the settings fit them. Fails where one does not. Reads no
   * weights, and needs neither their memory nor the settings' backend.
   */
  public static void verify(EngineConfig config) {
    try (Checkpoint checkpoint = Checkpoint.open(Models.resolve(config.model()))) {
      ModelSession.contextTokens(config, checkpoint.config());
      EngineInfo.requireHarmony(config.model(), checkpoint.config().vocabSize());
      LoadedAdapters.open(config.loraAdapters(), checkpoint.config()).close();
    }
  }

  /**
   * Checks what can be told of a LoRA adapter without its base model: its folder, configuration and
   * header. Fails where one is not an adapter's.
   */
  public static void verifyAdapter(String folder) {
    LoraAdapter.verify(Models.resolve(folder));
  }

  /** Checks that this machine has the device of the settings' backend, or fails; opens nothing. */
  public static void verifyBackend(EngineConfig config) {
    Backends.require(config);
  }

  public EngineInfo info() {
    return session.info();
  }

  /** Checks one prompt as {@link #logits} does, so that a bad one need not fail all of a call. */
  public void check(Prompt prompt) {
    session.adapter(prompt.lora());
    RequestChecks.prompt(prompt.tokens(), 1, session.info());
  }

  /**
   * What is read of.
   *
   * @param tokens at least one
   * @param lora name of the adapter to compute with; null for none
   */
  public record Prompt(int[] tokens, String lora) {
    /** A prompt that is computed with the model alone. */
    public static Prompt of(int... tokens) {
      return new Prompt(tokens, null);
    }
  }

  /** Layers of the model. */
  public int layers() {
    return session.model().layers();
  }

  /** Width of the residual stream. */
  public int hiddenSize() {
    return session.model().hiddenSize();
  }

  /** Receives one row of floats of one prompt. */
  @FunctionalInterface
  public interface RowConsumer {
    /** Takes the next row, which the one after it overwrites; the layer of logits is 0. */
    void accept(int prompt, int layer, int position, float[] row);
  }

  /**
   * Logits of the last {@code last} positions of each prompt, 0 for all. Rows are [vocab]; those of
   * one prompt come in order.
   *
   * @throws InvalidRequestException if a prompt is empty, too long, has ids out of range or names
   *     an adapter that is not loaded
   */
  public void logits(List<Prompt> prompts, int last, RowConsumer consumer) {
    run(
        prompts,
        last,
        (batch, step, transformer) -> {
          transformer.forward(step);
          transformer.logits(
              step,
              (index, logits) -> {
                int row = batch.logitsRows()[index];
                Sequence sequence = batch.sequence(batch.logitsSequences()[index]);
                consumer.accept((int) sequence.id(), 0, batch.positions()[row], logits);
              });
        });
  }

  /**
   * The residual stream of every position, rows [hidden]: layer 0 is the embedding, l the stream
   * after layer l, and the last entry the stream after the last layer and the final norm.
   */
  public void hidden(List<Prompt> prompts, RowConsumer consumer) {
    float[] row = new float[hiddenSize()];
    run(
        prompts,
        0,
        (batch, step, transformer) ->
            transformer.forward(
                step,
                (layer, hidden) -> {
                  for (int t = 0; t < step.tokens(); t++) {
                    transformer.read(hidden, t, row);
                    Sequence sequence = batch.sequence(batch.tokenSequences()[t]);
                    consumer.accept((int) sequence.id(), layer, batch.positions()[t], row);
                  }
                }));
  }

  @FunctionalInterface
  private interface StepTask {
    void run(ScheduledBatch batch, Step step, Transformer transformer);
  }

  private void run(List<Prompt> prompts, int last, StepTask task) {
    Scheduler scheduler = session.scheduler();
    for (int i = 0; i < prompts.size(); i++) {
      Prompt prompt = prompts.get(i);
      check(prompt);
      int[] tokens = prompt.tokens();
      int from = last == 0 ? 0 : Math.max(0, tokens.length - last);
      Sequence sequence = Sequence.scoring(i, tokens, from, session.adapter(prompt.lora()));
      while (!scheduler.offer(sequence)) {
        step(scheduler, task);
      }
    }
    while (scheduler.hasWork()) {
      step(scheduler, task);
    }
  }

  private void step(Scheduler scheduler, StepTask task) {
    ScheduledBatch batch = scheduler.schedule();
    task.run(batch, ModelSession.step(batch), session.transformer());
    scheduler.advance();
  }

  @Override
  public void close() {
    session.close();
  }
}
