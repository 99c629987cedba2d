package io.github.gptoss.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptoss.engine.GenerationRequest;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.GptOssEngine;
import io.github.gptoss.engine.RequestError;
import io.github.gptoss.engine.Usage;
import io.github.gptoss.engine.error.ConstraintException;
import io.github.gptoss.engine.error.InvalidRequestException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Generates for the lines of standard input as one batch. One thread reads and submits, as far
 * ahead as the queues allow, while another writes answers in order as they are ready; so memory is
 * bounded, and a caller may write a line and wait for its answer.
 */
final class GenerateLines {
  /** A line's answer to come, one for each of its samples, and what of the line goes into it. */
  private record Pending(
      ObjectNode echo,
      List<GenerationRequest> requests,
      List<CompletableFuture<GenerationResult>> results) {
    static final Pending END = new Pending(null, null, List.of());

    boolean isEnd() {
      return results.isEmpty();
    }

    boolean isDone() {
      return results.stream().allMatch(CompletableFuture::isDone);
    }
  }

  private final Console console;
  private final GptOssEngine engine;
  private final RequestReader reader;
  private final BlockingQueue<Pending> pending;
  private volatile Throwable readerFailure;

  private long lines;
  private long errors;
  private long tokens;

  /**
   * @param capacity lines read whose answers are not written yet, at most
   */
  GenerateLines(Console console, GptOssEngine engine, RequestReader reader, int capacity) {
    this.console = console;
    this.engine = engine;
    this.reader = reader;
    this.pending = new ArrayBlockingQueue<>(capacity);
  }

  void run() throws InterruptedException {
    long startNanos = System.nanoTime();
    Thread submitter = new Thread(this::submitAll, "gptoss-stdin");
    submitter.setDaemon(true); // a read from standard input cannot be interrupted
    submitter.start();
    try {
      writeAll();
    } finally {
      submitter.interrupt();
    }
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    console
        .err()
        .printf(
            Locale.ROOT,
            "%d requests, %d errors, %d tokens in %.1f s, %.1f tokens/s%n",
            lines,
            errors,
            tokens,
            seconds,
            tokens / seconds);
  }

  private void submitAll() {
    try {
      JsonLines input = new JsonLines(console.in());
      Pending next = submitNext(input);
      while (!next.isEnd()) {
        pending.put(next);
        next = submitNext(input);
      }
      pending.put(Pending.END);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the writer has given up and waits for nothing
    } catch (RuntimeException | Error e) {
      readerFailure = e;
      endAfterFailure();
    }
  }

  private void endAfterFailure() {
    try {
      pending.put(Pending.END);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Pending submitNext(JsonLines input) throws InterruptedException {
    ObjectNode echo = Json.object();
    try {
      ObjectNode line = input.next();
      if (line == null) {
        return Pending.END;
      }
      echo = Fields.echo(line);
      List<GenerationRequest> requests = reader.samples(line);
      List<CompletableFuture<GenerationResult>> results = new ArrayList<>();
      for (GenerationRequest request : requests) {
        results.add(engine.submit(request));
      }
      return new Pending(echo, requests, results);
    } catch (InvalidRequestException e) {
      return refused(echo, new RequestError(e.code(), e.getMessage()));
    } catch (ConstraintException e) {
      return refused(echo, RequestError.of(e));
    }
  }

  private static Pending refused(ObjectNode echo, RequestError error) {
    GenerationResult failed = GenerationResult.failed(error, 0);
    return new Pending(
        echo, Collections.singletonList(null), List.of(CompletableFuture.completedFuture(failed)));
  }

  private void writeAll() throws InterruptedException {
    Pending next = pending.take();
    while (!next.isEnd()) {
      if (!next.isDone()) {
        console.out().flush();
      }
      write(next);
      next = pending.poll();
      if (next == null) {
        console.out().flush();
        next = pending.take();
      }
    }
    console.out().flush();
    if (readerFailure instanceof RuntimeException e) {
      throw e;
    }
    if (readerFailure instanceof Error e) {
      throw e;
    }
  }

  private void write(Pending answered) {
    List<GenerationResult> results =
        answered.results().stream().map(GenerateLines::result).toList();
    lines++;
    results.forEach(result -> tokens += result.tokens().length);
    if (results.get(0).error() != null) {
      errors++;
    }
    ObjectNode answer = answered.echo();
    answer.setAll(ResultWriter.write(results.get(0), answered.requests().get(0)));
    if (results.size() > 1 && results.stream().anyMatch(result -> result.error() == null)) {
      ArrayNode choices = answer.putArray("choices");
      for (int i = 0; i < results.size(); i++) {
        ObjectNode choice = choices.addObject().put("index", i);
        choice.setAll(ResultWriter.write(results.get(i), answered.requests().get(i)));
      }
      answer.set("usage", ResultWriter.usage(total(results)));
    }
    console.out().print(Json.text(answer) + "\n");
  }

  /** The tokens of all samples; the prompt that they have in common counts once. */
  private static Usage total(List<GenerationResult> results) {
    Usage first = results.get(0).usage();
    return new Usage(
        first.inputTokens(),
        results.stream().mapToInt(result -> result.usage().outputTokens()).sum(),
        results.stream().mapToInt(result -> result.usage().reasoningTokens()).sum(),
        first.cachedTokens());
  }

  /** Fails as the engine does if the engine itself has failed. */
  private static GenerationResult result(CompletableFuture<GenerationResult> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }
}
