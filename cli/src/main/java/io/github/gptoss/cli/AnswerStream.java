package io.github.gptoss.cli;

import io.github.gptoss.engine.FinishReason;
import io.github.gptoss.engine.GenerationRequest;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.GptOssEngine;
import io.github.gptoss.engine.error.GptOssException;
import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.engine.harmony.MessageKind;
import io.github.gptoss.engine.harmony.ToolCall;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Prints one answer while it is generated. The answer alone goes to standard output; reasoning goes
 * to standard error, or dimmed before the answer where standard output is a terminal.
 */
final class AnswerStream {
  private static final String DIM = "\u001b[2m";
  private static final String UNDIM = "\u001b[0m";

  private static final Piece END = new Piece(null, null);

  /** A piece of text on its way from the engine's thread; only {@link #END} has none. */
  private record Piece(MessageKind kind, String text) {}

  private final Console console;
  private final GenerationRequest request;
  private final HeldBackText answer;
  private final BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>(); // bounded by max_tokens
  private boolean reasoning;
  private boolean answered; // this and the next belong to the engine's thread
  private boolean betweenAnswers;

  AnswerStream(Console console, GenerationRequest.Builder request) {
    this.console = console;
    this.request = request.listener(this::onToken).build();
    this.answer = new HeldBackText(this.request.stop());
  }

  /** Runs on the engine's thread. Several answers stand on lines of their own. */
  private void onToken(int token, MessageKind kind, String text) {
    if (kind != MessageKind.ANSWER) {
      betweenAnswers = true;
    }
    if (text.isEmpty()) {
      return;
    }
    boolean isAnswer = kind == MessageKind.ANSWER;
    pieces.add(new Piece(kind, isAnswer && answered && betweenAnswers ? "\n" + text : text));
    if (isAnswer) {
      answered = true;
      betweenAnswers = false;
    }
  }

  /**
   * @throws InvalidRequestException if the request was refused
   */
  void run(GptOssEngine engine) throws InterruptedException {
    long startNanos = System.nanoTime();
    CompletableFuture<GenerationResult> future = engine.submit(request);
    var unused = future.whenComplete((result, failure) -> pieces.add(END));
    for (Piece piece = pieces.take(); piece.text() != null; piece = pieces.take()) {
      print(piece);
    }
    GenerationResult result = result(future);
    endReasoning();
    if (result.error() != null) {
      throw new InvalidRequestException(result.error().code(), result.error().message());
    }
    finish(result, (System.nanoTime() - startNanos) / 1e9);
  }

  private void print(Piece piece) {
    if (piece.kind() == MessageKind.REASONING) {
      printReasoning(piece.text());
    } else if (piece.kind() == MessageKind.ANSWER) {
      endReasoning();
      console.out().print(answer.add(piece.text()));
    }
    console.out().flush();
  }

  private void printReasoning(String text) {
    if (!reasoning && console.terminal()) {
      console.out().print(DIM);
    }
    reasoning = true;
    if (console.terminal()) {
      console.out().print(text);
    } else {
      console.err().print(text);
    }
  }

  private void endReasoning() {
    if (!reasoning) {
      return;
    }
    reasoning = false;
    if (console.terminal()) {
      console.out().print(UNDIM + "\n");
    } else {
      console.err().println();
    }
  }

  private void finish(GenerationResult result, double seconds) {
    console.out().print(answer.rest(result.response()) + "\n");
    if (!result.commentary().isEmpty() && !result.commentary().equals(result.response())) {
      console.out().print(Json.text(Json.object().put("commentary", result.commentary())) + "\n");
    }
    for (ToolCall call : result.toolCalls()) {
      console.out().print(Json.text(ResultWriter.toolCall(call)) + "\n");
    }
    console.out().flush();
    int tokens = result.tokens().length;
    console
        .err()
        .printf(
            Locale.ROOT,
            "%d tokens in %.2f s, %.1f tokens/s, %s%n",
            tokens,
            seconds,
            tokens / seconds,
            reason(result.finishReason()));
  }

  private static String reason(FinishReason reason) {
    return reason == FinishReason.LENGTH ? "cut at max_tokens or context" : reason.wireName();
  }

  private static GenerationResult result(CompletableFuture<GenerationResult> future)
      throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof GptOssException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }
}
