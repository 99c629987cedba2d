package io.github.gptoss.spark.internal.batch;

import io.github.gptoss.engine.GenerationRequest;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.spark.internal.arrow.TokenVector;
import io.github.gptoss.spark.internal.engine.Work;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.prompts.PromptRow;
import io.github.gptoss.spark.internal.prompts.RenderedPrompt;
import io.github.gptoss.spark.internal.prompts.RequestTemplate;
import io.github.gptoss.spark.tools.ToolResult;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Reads rows, renders them and has them in flight, as many as the window admits. What is held, the
 * allocator's memory included, never exceeds the window's bytes by more than one row, which has
 * been read and waits to be let in; a row that is larger than the window is let in alone.
 */
final class RowIntake implements AutoCloseable {
  /** Rows that are rendered, put in order and submitted together. */
  private static final int GROUP_ROWS = 256;

  private final Iterator<AskingRow> rows;
  private final CompletionCall call;
  private final CompletionSource source;
  private final FinishedRows finished;
  private final Work scope;
  private final BufferAllocator allocator;
  private final RowBatches<TokenVector> prompts;

  private final ArrayDeque<InFlightRow> inFlight = new ArrayDeque<>();
  private InFlightRow waiting;
  private int heldSamples;
  private long heldBytes;

  /**
   * @param finished takes the rows that have been submitted
   */
  RowIntake(
      Iterator<AskingRow> rows,
      CompletionCall call,
      CompletionSource source,
      FinishedRows finished,
      Work scope,
      BufferAllocator allocator) {
    this.rows = rows;
    this.call = call;
    this.source = source;
    this.finished = finished;
    this.scope = scope;
    this.allocator = allocator;
    finished.askBy(this::askAgain, this::submitParts, this::askOn);
    prompts =
        new RowBatches<>(
            () -> new TokenVector("prompts", allocator), batch -> batch.rows() >= GROUP_ROWS);
  }

  /** Whether a row is in flight, or is left to be. */
  boolean hasRows() {
    return !inFlight.isEmpty() || waiting != null || rows.hasNext();
  }

  /** The rows in flight, in the order in which they were read. */
  ArrayDeque<InFlightRow> inFlight() {
    return inFlight;
  }

  /** A row that was in flight is held no longer. */
  void release(InFlightRow row) {
    heldSamples -= row.count;
    heldBytes -= row.weight;
  }

  /** Has as many rows in flight as the window admits, a group at a time; at least one. */
  void fill() {
    List<InFlightRow> group = new ArrayList<>();
    do {
      group.clear();
      while (group.size() < GROUP_ROWS && admitsNext()) {
        group.add(waiting);
        inFlight.add(waiting);
        heldSamples += waiting.count;
        heldBytes += waiting.weight;
        waiting = null;
      }
      submit(group);
      finished.collect();
    } while (group.size() == GROUP_ROWS);
  }

  private boolean admitsNext() {
    if (!call.window().hasPlace(heldSamples)) {
      return false;
    }
    if (waiting == null) {
      if (!rows.hasNext()) {
        return false;
      }
      scope.checkNotKilled();
      waiting = read(rows.next());
    }
    long held = heldBytes + allocator.getAllocatedMemory();
    return call.window().admits(heldSamples, held, waiting.count, waiting.weight);
  }

  private InFlightRow read(AskingRow row) {
    InFlightRow read = new InFlightRow(row);
    read.weight = row.kept().getSizeInBytes();
    try {
      PromptRow asked = row.prompt();
      if (asked == null) {
        read.asks = false;
      } else {
        prepare(asked, read);
        read.count = read.template.samples();
        read.weight =
            InFlightLimit.weight(
                read.weight, read.promptTokens(), read.template.maxTokens(), read.count);
      }
    } catch (InvalidRequestException e) {
      read.forgetPrompt();
      read.refusal = GenerationResult.failed(e.code(), e.getMessage(), 0);
    }
    return read;
  }

  private void prepare(PromptRow asked, InFlightRow row) {
    row.template = call.parameters().template(asked.orRefusal()).sample(row.sample);
    TokenVector ids = prompts.open();
    PromptFitter fitter = fitter(asked, row);
    RenderedPrompt rendered = fitter.render(ids);
    row.reduction = fitter.reduction(ids);
    rendered(row, rendered, ids);
    if (call.tools().isOn()) {
      row.told = call.tools().told(row.turn);
      row.asked = asked.cutTo(rendered.userText());
    }
  }

  private PromptFitter fitter(PromptRow asked, InFlightRow row) {
    return fitter(asked, row.template);
  }

  private PromptFitter fitter(PromptRow asked, RequestTemplate template) {
    return PromptFitter.of(
        call.parameters().renderer(asked), asked, source.contextTokens(), template.maxTokens());
  }

  /** Tokens of a prompt that is not kept. */
  private int promptTokens(PromptRow asked, RequestTemplate template) {
    TokenVector ids = prompts.open();
    var unused = fitter(asked, template).render(ids);
    int tokens = ids.openTokens();
    ids.restartRow();
    return tokens;
  }

  private void rendered(InFlightRow row, RenderedPrompt rendered, TokenVector ids) {
    ids.endRow();
    row.prompt = prompts.appended();
    row.turn = rendered.turn();
    row.effort = rendered.effort();
    row.template.check(row.turn);
  }

  /** Submits the parts of a row that are to be answered now. */
  private void submitParts(InFlightRow whole) {
    List<String> chunks = whole.reduction.chunks();
    PromptRow asked = whole.row.prompt();
    try {
      for (int i = 0; i < chunks.size(); i++) {
        InFlightRow part = new InFlightRow(whole.row);
        part.whole = whole;
        part.part = i;
        part.budgeted = whole.budgeted;
        part.template = call.parameters().template(asked);
        TokenVector ids = prompts.open();
        rendered(part, fitter(asked, part).render(chunks.get(i), ids), ids);
        submit(part);
        if (part.ticket != null) {
          whole.parts.add(part);
        }
      }
    } catch (InterruptedException e) {
      throw scope.interrupted();
    }
  }

  /** Asks a row again that is in flight; its place and what it holds of the window stay. */
  private void askAgain(InFlightRow row, String effort) {
    row.forgetPrompt();
    row.asked = row.row.prompt().with(OptionKey.REASONING_EFFORT, effort);
    prepare(row.asked, row);
    try {
      submit(row);
    } catch (InterruptedException e) {
      throw scope.interrupted();
    }
  }

  /** Asks on in a turn whose tools have answered; what it has grown by is held, too. */
  private void askOn(InFlightRow row, List<ToolResult> answers) {
    InFlightRow.PendingCalls pending = row.pending;
    row.pending = null;
    RequestTemplate template = call.parameters().template(row.asked);
    int room = source.contextTokens() - template.leastTokens();
    List<ToolResult> fitting =
        ToolLoop.fitting(
            pending.tokens(),
            pending.usage(),
            answers,
            room,
            more -> promptTokens(row.asked.followedBy(more), template));
    row.rounds = ToolLoop.answered(row.rounds, pending.said(), pending.usage(), fitting);
    row.asked = row.asked.followedBy(ToolLoop.messages(pending.tokens(), fitting));
    long chars = row.asked.followed().stream().mapToLong(message -> message.text().length()).sum();
    long grown = Character.BYTES * chars - row.followedBytes;
    row.followedBytes += grown;
    row.held().weight += grown;
    heldBytes += grown;
    try {
      prepare(row.asked, row);
      RequestTemplate rest = row.template.after(row.rounds.spent());
      if (rest == null || row.promptTokens() > room) {
        row.refusal = ToolLoop.cut(row.turn);
      }
      row.template = rest;
    } catch (InvalidRequestException e) {
      row.forgetPrompt();
      row.refusal = GenerationResult.failed(e.code(), e.getMessage(), 0);
    }
    submit(List.of(row));
  }

  /**
   * Submits a group, longest prompts first. The engine takes requests in this order and decodes the
   * earlier ones while it prefills the later: what takes longest then begins soonest, and at the
   * end of a partition there is no long prompt left to run alone. Within a group only, so that the
   * row that has to leave next never waits for much more than a batch.
   */
  private void submit(List<InFlightRow> group) {
    List<InFlightRow> asking = new ArrayList<>(group.size());
    for (InFlightRow row : group) {
      if (row.refusal != null) {
        finished.refuse(row);
      } else if (row.asks) {
        asking.add(row);
      }
    }
    asking.sort(Comparator.comparingInt(row -> -row.promptTokens()));
    try {
      for (InFlightRow row : asking) {
        submit(row);
      }
    } catch (InterruptedException e) {
      throw scope.interrupted();
    }
  }

  /** Submits the samples of a row one after the other, so that they share the prompt's keys. */
  private void submitSamples(InFlightRow row) throws InterruptedException {
    boolean areJson = call.parameters().renderer(row.asked).answersJson();
    row.samples = new Samples(row.count, call.type().parsed(), areJson);
    for (int i = 0; i < row.count; i++) {
      InFlightRow sample = row.sample(i);
      row.parts.add(sample);
      submit(sample);
    }
    row.template = null;
    row.turn = null;
    row.forgetPrompt();
  }

  private void submit(InFlightRow row) throws InterruptedException {
    if (row.count > 1) {
      submitSamples(row);
      return;
    }
    if (row.reduction != null) {
      row.template = null;
      row.turn = null;
      row.forgetPrompt();
      submitParts(row);
      return;
    }
    GenerationRequest request = row.template.request(row.promptIds(), row.turn);
    row.template = null;
    row.turn = null;
    row.ticket =
        source.ask(
            request,
            row.budgeted,
            (vectors, index, origin) -> finished.resume(row, vectors, index, origin));
    if (row.ticket == null) {
      finished.followUp();
    } else {
      finished.expect(row);
      boolean isPart = row.whole != null && !row.whole.reduction.isLast();
      if (!call.includeTokens() || isPart) {
        row.forgetPrompt();
      }
    }
  }

  /** Cancels what is pending and frees the Arrow memory. */
  @Override
  public void close() {
    for (InFlightRow row : inFlight) {
      row.cancel();
    }
    inFlight.clear();
    waiting = null;
    prompts.close();
  }
}
