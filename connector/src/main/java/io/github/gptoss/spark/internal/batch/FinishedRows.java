package io.github.gptoss.spark.internal.batch;

import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.spark.internal.completions.CompletionCounters;
import io.github.gptoss.spark.internal.completions.CompletionFacts;
import io.github.gptoss.spark.internal.completions.CompletionOrigin;
import io.github.gptoss.spark.internal.completions.CompletionVectors;
import io.github.gptoss.spark.internal.completions.Generation;
import io.github.gptoss.spark.internal.completions.RowShare;
import io.github.gptoss.spark.internal.completions.Said;
import io.github.gptoss.spark.internal.completions.ToolRounds;
import io.github.gptoss.spark.internal.engine.Work;
import io.github.gptoss.spark.tools.ToolResult;
import java.nio.IntBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Completions of a task's rows from when they are there until they leave: counted and written into
 * vectors in the order in which they finish. Belongs to the task's thread.
 */
final class FinishedRows implements AutoCloseable {
  private static final int BATCH_ROWS = 256;
  private static final long MOST_BATCH_BYTES = 1L << 20;

  /** A batch's share of the window: a row that stays holds those of its batch that have left. */
  private static final int BATCH_SHARE = 8;

  private static final IntBuffer NO_TOKENS = IntBuffer.allocate(0);

  private final CompletionCall call;
  private final Work scope;
  private final RowBatches<CompletionVectors> completions;

  /** Completions of samples, until those of their row are all there. */
  private final RowBatches<CompletionVectors> samples;

  /** Asks a row again at an effort. */
  private BiConsumer<InFlightRow, String> asker;

  /** Asks the parts of a row that are to be answered next. */
  private Consumer<InFlightRow> partAsker;

  /** Asks on where a row's tools have answered. */
  private BiConsumer<InFlightRow, List<ToolResult>> turnAsker;

  /** What is to be asked after completions that were kept. */
  private final Queue<Runnable> followUps = new ArrayDeque<>();

  /** Rows that the engine or their tools are done with; filled by their threads. */
  private final BlockingQueue<InFlightRow> done = new LinkedBlockingQueue<>();

  FinishedRows(CompletionCall call, Work scope, BufferAllocator memory) {
    this.call = call;
    this.scope = scope;
    long batchBytes = Math.min(MOST_BATCH_BYTES, call.window().bytes() / BATCH_SHARE);
    completions = batches(batchBytes, () -> new CompletionVectors(call.includeTokens(), memory));
    samples = batches(batchBytes, () -> CompletionVectors.ofSamples(call.includeTokens(), memory));
  }

  private static RowBatches<CompletionVectors> batches(
      long batchBytes, Supplier<CompletionVectors> empty) {
    return new RowBatches<>(
        empty, batch -> batch.rows() == BATCH_ROWS || batch.bytes() >= batchBytes);
  }

  /** Where the row's completion is written to. */
  private RowBatches<CompletionVectors> completions(InFlightRow row) {
    return row.sampleOf == null ? completions : samples;
  }

  /**
   * Says who asks what follows from a completion.
   *
   * @param again a row whose completion does not do, at an effort
   * @param parts of a row whose parts so far have been answered
   * @param turn of a row whose tools have answered, and what
   */
  void askBy(
      BiConsumer<InFlightRow, String> again,
      Consumer<InFlightRow> parts,
      BiConsumer<InFlightRow, List<ToolResult>> turn) {
    asker = again;
    partAsker = parts;
    turnAsker = turn;
  }

  /** Has a row taken up when the engine is done with it. */
  void expect(InFlightRow row) {
    var unused = row.ticket.result().whenComplete((result, failure) -> done.add(row));
  }

  /** The row's completion was kept. */
  void resume(InFlightRow row, CompletionVectors kept, int index, CompletionOrigin origin) {
    if (origin == CompletionOrigin.RESUMED) {
      // The journal ends with this run: what it has of a row is not paid for a second time.
      row.budgeted.begin();
    }
    CompletionFacts facts = facts(kept, index, origin);
    if (row.whole != null) {
      resumePart(row, kept, index, facts, origin);
      return;
    }
    row.rememberFirst(facts.usage());
    Said said = call.tools().isOn() ? kept.said(index) : null;
    if (said != null
        && call.tools().answers(facts.finishReason(), said.calls(), row.told, row.rounds)) {
      int[] tokens = kept.tokens(index);
      long ended = System.currentTimeMillis();
      followUps.add(() -> callTools(row, tokens, said, facts, origin, ended));
      return;
    }
    String higher = call.cascade().next(row.effort, facts, kept, index);
    if (higher != null) {
      followUps.add(() -> askAgain(row, facts, origin, System.currentTimeMillis(), higher));
      return;
    }
    completions(row).open().append(kept, index, facts.usage(), share(row));
    finish(row, facts, origin, System.currentTimeMillis());
  }

  /**
   * Asks what follows from completions that were kept: not while they are looked up, since the
   * engine may have others wait who look up theirs.
   */
  void followUp() {
    for (Runnable next = followUps.poll(); next != null; next = followUps.poll()) {
      next.run();
    }
  }

  private void askAgain(
      InFlightRow row,
      CompletionFacts attempt,
      CompletionOrigin origin,
      long endedMillis,
      String effort) {
    call.observer().askedAgain(attempt, origin, endedMillis);
    row.earlier = RowShare.sum(row.earlier, attempt.usage());
    row.rounds = ToolRounds.NONE;
    asker.accept(row, effort);
  }

  /** The row cannot be served. */
  void refuse(InFlightRow row) {
    write(row, row.refusal, CompletionOrigin.GENERATED, System.currentTimeMillis());
    row.refusal = null;
  }

  /** Takes up what the engine is done with by now. */
  void collect() {
    for (InFlightRow row = done.poll(); row != null; row = done.poll()) {
      take(row);
    }
  }

  /**
   * Waits until a row is finished, and takes up meanwhile whatever the engine is done with.
   *
   * @throws RuntimeException what a generation failed with
   */
  void await(InFlightRow row) {
    while (!row.isFinished()) {
      take(scope.next(done));
    }
    collect();
  }

  private void take(InFlightRow row) {
    if (row.pending != null) {
      takeAnswers(row);
      return;
    }
    Generation.Ticket ticket = row.ticket;
    row.ticket = null;
    GenerationResult result = scope.await(ticket.result());
    if (row.whole != null) {
      takePart(row, result, ticket.origin(), ticket.endedMillis());
      return;
    }
    CompletionFacts facts = facts(result);
    row.rememberFirst(facts.usage());
    if (call.tools().answers(facts.finishReason(), result.toolCalls(), row.told, row.rounds)) {
      callTools(
          row, result.tokens(), Said.of(result), facts, ticket.origin(), ticket.endedMillis());
      return;
    }
    String higher = call.cascade().next(row.effort, facts, result);
    if (higher == null) {
      write(row, result, ticket.origin(), ticket.endedMillis());
    } else {
      askAgain(row, facts, ticket.origin(), ticket.endedMillis(), higher);
    }
  }

  /** Has tools answer; the row comes back when all have. */
  private void callTools(
      InFlightRow row,
      int[] tokens,
      Said said,
      CompletionFacts facts,
      CompletionOrigin origin,
      long endedMillis) {
    call.observer().partly(facts, origin, endedMillis);
    row.earlier = RowShare.sum(row.earlier, facts.usage());
    row.forgetPrompt();
    CompletableFuture<List<ToolResult>> results = new CompletableFuture<>();
    row.pending = new InFlightRow.PendingCalls(tokens, said, facts.usage(), results);
    call.tools()
        .run(
            said.calls(),
            row.told,
            row.rounds,
            answers -> {
              results.complete(answers);
              done.add(row);
            });
  }

  private void takeAnswers(InFlightRow row) {
    turnAsker.accept(row, scope.await(row.pending.results()));
  }

  private void takePart(
      InFlightRow part, GenerationResult result, CompletionOrigin origin, long endedMillis) {
    InFlightRow whole = part.whole;
    Reduction reduction = whole.reduction;
    if (reduction.isLast() && !CompletionFacts.of(result).isError()) {
      takeOver(whole, part);
      write(whole, result, origin, endedMillis);
      return;
    }
    part.forgetPrompt();
    call.observer().partly(CompletionFacts.of(result), origin, endedMillis);
    if (reduction.done(part.part, result)) {
      goOn(whole);
    }
  }

  private void resumePart(
      InFlightRow part,
      CompletionVectors kept,
      int index,
      CompletionFacts facts,
      CompletionOrigin origin) {
    InFlightRow whole = part.whole;
    Reduction reduction = whole.reduction;
    if (reduction.isLast()) {
      takeOver(whole, part);
      completions.open().append(kept, index, facts.usage(), share(whole));
      finish(whole, facts, origin, System.currentTimeMillis());
      return;
    }
    part.forgetPrompt();
    call.observer().partly(facts, origin, System.currentTimeMillis());
    if (reduction.done(part.part, kept.response(index), facts)) {
      followUps.add(() -> goOn(whole));
    }
  }

  /** The last part's completion is that of the whole. */
  private static void takeOver(InFlightRow whole, InFlightRow part) {
    whole.prompt = part.prompt;
    part.prompt = null;
    whole.effort = part.effort;
    whole.earlier = whole.reduction.spent();
  }

  /** Asks the next parts of a row whose parts so far have been answered. */
  private void goOn(InFlightRow whole) {
    whole.parts.clear();
    Reduction reduction = whole.reduction;
    if (reduction.failed() == null) {
      reduction.combine();
    }
    if (reduction.failed() == null) {
      partAsker.accept(whole);
    } else {
      GenerationResult failed = reduction.failed();
      whole.earlier = RowShare.minus(reduction.spent(), failed.usage());
      write(whole, failed, CompletionOrigin.GENERATED, System.currentTimeMillis());
    }
  }

  private void write(
      InFlightRow row, GenerationResult result, CompletionOrigin origin, long endedMillis) {
    completions(row).open().append(result, share(row));
    finish(row, facts(result), origin, endedMillis);
  }

  private CompletionFacts facts(CompletionVectors kept, int index, CompletionOrigin origin) {
    CompletionFacts facts = CompletionFacts.of(kept, index);
    return call.type()
        .judged(origin == CompletionOrigin.CACHED ? facts.fromCache() : facts, kept.parsed(index));
  }

  private CompletionFacts facts(GenerationResult result) {
    return call.type().judged(CompletionFacts.of(result), result.parsed());
  }

  private RowShare share(InFlightRow row) {
    return new RowShare(prompt(row), row.effort, row.earlier, row.rounds);
  }

  /** Null where token ids are not to be returned. */
  private IntBuffer prompt(InFlightRow row) {
    if (!call.includeTokens()) {
      return null;
    }
    return row.prompt == null ? NO_TOKENS : row.promptIds();
  }

  private void finish(
      InFlightRow row, CompletionFacts facts, CompletionOrigin origin, long endedMillis) {
    row.completion = completions(row).appended();
    row.forgetPrompt();
    CompletionFacts all = facts.after(row.earlier);
    if (row.sampleOf == null) {
      finished(row, all, origin, endedMillis);
    } else {
      sampled(row, all, origin, endedMillis);
    }
  }

  private void finished(
      InFlightRow row, CompletionFacts facts, CompletionOrigin origin, long endedMillis) {
    row.errorCode = facts.errorCode();
    CompletionCounters.shared().count(facts, origin);
    call.observer().completed(facts, origin, endedMillis);
  }

  /**
   * The last sample of a row finishes it. Its origin is the row's where all samples have that one;
   * else it is told of as the others are, and the row counts as generated, of nothing by itself.
   */
  private void sampled(
      InFlightRow sample, CompletionFacts facts, CompletionOrigin origin, long endedMillis) {
    InFlightRow row = sample.sampleOf;
    Samples all = row.samples;
    CompletionVectors.At at =
        new CompletionVectors.At(sample.completion.vectors(), sample.completion.row());
    boolean areAll = all.add(sample.sample, new Samples.Sample(facts, origin, sample.first, at));
    boolean isOneOrigin = all.haveOneOrigin();
    if (!isOneOrigin) {
      call.observer().partly(facts, origin, endedMillis);
    }
    if (!areAll) {
      return;
    }
    Samples.Chosen chosen = all.chosen(call.votes());
    completions.open().append(all.places(), chosen.index(), all.usage(), chosen.share());
    row.completion = completions.appended();
    row.parts.forEach(one -> one.completion.leave());
    row.parts.clear();
    row.samples = null;
    finished(
        row,
        all.facts(chosen, isOneOrigin ? facts.usage() : RowShare.NOTHING),
        isOneOrigin ? origin : CompletionOrigin.GENERATED,
        endedMillis);
  }

  @Override
  public void close() {
    samples.close();
    completions.close();
  }
}
