package io.github.gptoss.spark.internal.batch;

import io.github.gptoss.engine.GenerationRequest;
import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.Usage;
import io.github.gptoss.engine.constraint.TurnSpec;
import io.github.gptoss.engine.error.InvalidRequestException;
import io.github.gptoss.spark.internal.arrow.ArrowMemory;
import io.github.gptoss.spark.internal.arrow.TokenVector;
import io.github.gptoss.spark.internal.budget.Admission;
import io.github.gptoss.spark.internal.budget.BudgetedRow;
import io.github.gptoss.spark.internal.completions.CompletionCounters;
import io.github.gptoss.spark.internal.completions.CompletionFacts;
import io.github.gptoss.spark.internal.completions.CompletionObserver;
import io.github.gptoss.spark.internal.completions.CompletionOrigin;
import io.github.gptoss.spark.internal.completions.CompletionType;
import io.github.gptoss.spark.internal.completions.CompletionVectors;
import io.github.gptoss.spark.internal.completions.RowShare;
import io.github.gptoss.spark.internal.completions.Said;
import io.github.gptoss.spark.internal.completions.ToolRounds;
import io.github.gptoss.spark.internal.engine.CompletionEngine;
import io.github.gptoss.spark.internal.engine.ExecutorErrors;
import io.github.gptoss.spark.internal.engine.Work;
import io.github.gptoss.spark.internal.engine.WorkLease;
import io.github.gptoss.spark.internal.options.OptionKey;
import io.github.gptoss.spark.internal.options.OptionValues;
import io.github.gptoss.spark.internal.prompts.HarmonyPromptRenderer;
import io.github.gptoss.spark.internal.prompts.PromptRow;
import io.github.gptoss.spark.internal.prompts.RenderedPrompt;
import io.github.gptoss.spark.internal.prompts.RequestTemplate;
import io.github.gptoss.spark.internal.prompts.RowParameters;
import io.github.gptoss.spark.internal.tools.ToolData;
import io.github.gptoss.spark.tools.ToolResult;
import java.io.Serializable;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.spark.sql.catalyst.InternalRow;

/** Completes one row at a time through this JVM's engine: for callers that see single rows. */
public final class RowwiseCompleter implements Serializable {
  private static final long serialVersionUID = 1L;

  private final OptionValues options;
  private final CompletionType type;
  private transient CompletionCall call;

  /**
   * @param type of the completions
   */
  public RowwiseCompleter(OptionValues options, CompletionType type) {
    this.options = options;
    this.type = type;
  }

  private synchronized CompletionCall call() {
    if (call == null) {
      call =
          CompletionCall.of(
              options,
              type,
              HarmonyPromptRenderer::new,
              ToolLoop.open(options, ToolData.NONE),
              CompletionObserver.NONE);
    }
    return call;
  }

  /**
   * Completes a row; what is wrong with it is in the completion's error fields.
   *
   * @param reader is given the completion, which is valid during the call
   * @throws InvalidRequestException where option {@code fail_on_error} is true and the row failed
   */
  public <T> T complete(PromptRow row, Function<InternalRow, T> reader) {
    try (BufferAllocator memory = ArrowMemory.newChild("gptoss-row");
        TokenVector prompt = new TokenVector("prompt", memory);
        CompletionVectors completion = new CompletionVectors(type.includeTokens(), memory)) {
      Samples several = samples(row);
      CompletionFacts facts =
          several == null
              ? append(complete(row, new BudgetedRow(), prompt), prompt, completion).facts()
              : complete(row, several, prompt, completion, memory);
      CompletionCounters.shared().count(facts, CompletionOrigin.GENERATED);
      if (call().failOnError() && facts.isError()) {
        throw ExecutorErrors.rowFailed(facts.errorCode());
      }
      return reader.apply(type.of(completion.row(0)));
    }
  }

  /** Null where the row has one sample, or asks what cannot be served, which that one says. */
  private Samples samples(PromptRow row) {
    RowParameters parameters = call().parameters();
    try {
      int count = parameters.template(row.orRefusal()).samples();
      return count == 1
          ? null
          : new Samples(count, type.parsed(), parameters.renderer(row).answersJson());
    } catch (InvalidRequestException e) {
      return null;
    }
  }

  /**
   * Completes a row's samples one by one; the engine still has the keys of their prompt. A row that
   * is refused has none.
   */
  private CompletionFacts complete(
      PromptRow row,
      Samples all,
      TokenVector prompt,
      CompletionVectors into,
      BufferAllocator memory) {
    RequestTemplate template = call().parameters().template(row);
    BudgetedRow budgeted = new BudgetedRow();
    try (CompletionVectors samples = CompletionVectors.ofSamples(type.includeTokens(), memory)) {
      Samples.Sample sample;
      int index = 0;
      do {
        String seed = String.valueOf(template.sample(index).seed());
        Attempt attempt = complete(row.with(OptionKey.SEED, seed), budgeted, prompt);
        if (attempt.isRefused()) {
          return append(attempt, prompt, into).facts();
        }
        sample = append(attempt, prompt, samples);
      } while (!all.add(index++, sample));
      Samples.Chosen chosen = all.chosen(call().votes());
      into.append(all.places(), chosen.index(), all.usage(), chosen.share());
      return all.facts(chosen, sample.facts().usage());
    }
  }

  private Samples.Sample append(Attempt attempt, TokenVector prompt, CompletionVectors into) {
    GenerationResult result = attempt.result();
    into.append(
        result,
        new RowShare(
            type.includeTokens() ? prompt.row(prompt.rows() - 1) : null,
            attempt.effort(),
            attempt.earlier(),
            attempt.rounds()));
    return new Samples.Sample(
        facts(result).after(attempt.earlier()),
        CompletionOrigin.GENERATED,
        attempt.first(),
        new CompletionVectors.At(into, into.rows() - 1));
  }

  /**
   * The last completion that was made of a row.
   *
   * @param effort null where none applies
   * @param earlier what generations took before it
   * @param rounds what its turn has of those whose calls tools have answered
   * @param isOfParts whether the row was answered part by part, and is so asked once only
   * @param isRefused whether the row could not be asked at all
   * @param first what the first of the row's generations took
   * @param asked the row as it was asked; null where no turn goes on from it
   * @param told the functions that its prompt tells the model of
   */
  private record Attempt(
      GenerationResult result,
      String effort,
      Usage earlier,
      ToolRounds rounds,
      boolean isOfParts,
      boolean isRefused,
      Usage first,
      PromptRow asked,
      List<String> told) {
    /** The row's first one. */
    Attempt(
        GenerationResult result,
        String effort,
        Usage earlier,
        ToolRounds rounds,
        boolean isOfParts) {
      this(result, effort, earlier, rounds, isOfParts, false, result.usage(), null, List.of());
    }

    /** A row that cannot be asked, or not on. */
    static Attempt refused(InvalidRequestException why, Usage earlier, ToolRounds rounds) {
      GenerationResult result = GenerationResult.failed(why.code(), why.getMessage(), 0);
      boolean isFirst = earlier.totalTokens() == 0 && rounds.count() == 0;
      return new Attempt(
          result, null, earlier, rounds, false, isFirst, result.usage(), null, List.of());
    }

    Attempt after(Attempt before) {
      return new Attempt(
          result, effort, earlier, rounds, isOfParts, isRefused, before.first, asked, told);
    }

    Attempt of(PromptRow row, List<String> functions) {
      return new Attempt(
          result, effort, earlier, rounds, isOfParts, isRefused, first, row, functions);
    }
  }

  /** Completes a row until it does, or no higher effort is left. */
  private Attempt complete(PromptRow row, BudgetedRow budgeted, TokenVector prompt) {
    Attempt attempt = turn(row, budgeted, prompt, RowShare.NOTHING);
    String higher = higher(attempt);
    while (higher != null) {
      Usage spent = RowShare.sum(attempt.earlier(), attempt.result().usage());
      attempt =
          turn(row.with(OptionKey.REASONING_EFFORT, higher), budgeted, prompt, spent)
              .after(attempt);
      higher = higher(attempt);
    }
    return attempt;
  }

  /** Generates until there is no call that tools answer. */
  private Attempt turn(PromptRow row, BudgetedRow budgeted, TokenVector prompt, Usage earlier) {
    ToolLoop tools = call().tools();
    Attempt attempt = generate(row, budgeted, prompt, earlier, ToolRounds.NONE);
    GenerationResult result = attempt.result();
    while (tools.answers(
        result.finishReason().wireName(), result.toolCalls(), attempt.told(), attempt.rounds())) {
      CompletableFuture<List<ToolResult>> answered = new CompletableFuture<>();
      tools.run(result.toolCalls(), attempt.told(), attempt.rounds(), answered::complete);
      PromptRow asked = attempt.asked();
      List<ToolResult> results = fitting(asked, prompt, result, Work.current().await(answered));
      attempt =
          generate(
                  asked.followedBy(ToolLoop.messages(result.tokens(), results)),
                  budgeted,
                  prompt,
                  RowShare.sum(attempt.earlier(), result.usage()),
                  ToolLoop.answered(attempt.rounds(), Said.of(result), result.usage(), results))
              .after(attempt);
      result = attempt.result();
    }
    return attempt;
  }

  private List<ToolResult> fitting(
      PromptRow asked, TokenVector ids, GenerationResult result, List<ToolResult> answers) {
    RowParameters parameters = call().parameters();
    RequestTemplate template = parameters.template(asked);
    int context = contextTokens();
    return ToolLoop.fitting(
        result.tokens(),
        result.usage(),
        answers,
        context - template.leastTokens(),
        more -> {
          PromptRow next = asked.followedBy(more);
          var unused =
              PromptFitter.of(parameters.renderer(next), next, context, template.maxTokens())
                  .render(ids);
          int tokens = ids.openTokens();
          ids.restartRow();
          return tokens;
        });
  }

  private int contextTokens() {
    try (WorkLease lease = WorkLease.acquire(options, Work.current())) {
      return lease.engine().info().maxModelLen();
    }
  }

  private String higher(Attempt attempt) {
    GenerationResult result = attempt.result();
    return attempt.isOfParts()
        ? null
        : call().cascade().next(attempt.effort(), facts(result), result);
  }

  private CompletionFacts facts(GenerationResult result) {
    return type.judged(CompletionFacts.of(result), result.parsed());
  }

  private Attempt generate(
      PromptRow row, BudgetedRow budgeted, TokenVector prompt, Usage earlier, ToolRounds rounds) {
    Work scope = Work.current();
    try (WorkLease lease = WorkLease.acquire(options, scope)) {
      return generate(row, budgeted, prompt, earlier, rounds, lease.engine(), scope);
    }
  }

  private Attempt generate(
      PromptRow row,
      BudgetedRow budgeted,
      TokenVector prompt,
      Usage earlier,
      ToolRounds rounds,
      CompletionEngine engine,
      Work scope) {
    RowParameters parameters = call().parameters();
    RequestTemplate template;
    RenderedPrompt rendered;
    PromptFitter fitter;
    Reduction reduction;
    try {
      template = parameters.template(row.orRefusal());
      fitter =
          PromptFitter.of(
              parameters.renderer(row), row, engine.info().maxModelLen(), template.maxTokens());
      rendered = fitter.render(prompt);
      template.check(rendered.turn());
      reduction = fitter.reduction(prompt);
    } catch (InvalidRequestException e) {
      return Attempt.refused(e, earlier, rounds);
    } finally {
      prompt.endRow();
    }
    RequestTemplate rest = template.after(rounds.spent());
    int least = template.leastTokens();
    int context = engine.info().maxModelLen();
    Ask ask =
        turn ->
            rest == null
                    || (rounds.count() > 0
                        && prompt.row(prompt.rows() - 1).remaining() + least > context)
                ? ToolLoop.cut(turn)
                : generate(
                    rest.request(prompt.row(prompt.rows() - 1), turn), budgeted, engine, scope);
    return reduction == null
        ? new Attempt(ask.of(rendered.turn()), rendered.effort(), earlier, rounds, false)
            .of(row.cutTo(rendered.userText()), call().tools().told(rendered.turn()))
        : reduce(reduction, fitter, prompt, ask, earlier);
  }

  /** Generates what follows the prompt that was rendered last. */
  @FunctionalInterface
  private interface Ask {
    GenerationResult of(TurnSpec turn);
  }

  /** Answers a prompt part by part. */
  private static Attempt reduce(
      Reduction reduction, PromptFitter fitter, TokenVector prompt, Ask ask, Usage earlier) {
    while (reduction.failed() == null) {
      List<String> chunks = reduction.chunks();
      for (int i = 0; i < chunks.size(); i++) {
        RenderedPrompt rendered = fitter.render(chunks.get(i), prompt);
        prompt.endRow();
        GenerationResult result = ask.of(rendered.turn());
        if (reduction.isLast() && !CompletionFacts.of(result).isError()) {
          return new Attempt(
              result,
              rendered.effort(),
              RowShare.sum(earlier, reduction.spent()),
              ToolRounds.NONE,
              true);
        }
        if (reduction.done(i, result) && reduction.failed() == null) {
          reduction.combine();
        }
      }
    }
    prompt.endRow(); // the whole was not asked about
    GenerationResult failed = reduction.failed();
    Usage others = RowShare.minus(reduction.spent(), failed.usage());
    return new Attempt(failed, null, RowShare.sum(earlier, others), ToolRounds.NONE, true);
  }

  private GenerationResult generate(
      GenerationRequest request, BudgetedRow budgeted, CompletionEngine engine, Work scope) {
    try (Admission admission = Admission.open(options, false)) {
      CompletableFuture<GenerationResult> result = admission.submit(request, engine, budgeted);
      try {
        return scope.await(result);
      } finally {
        // Does nothing where the result is there, and else stops a generation that no row waits
        // for.
        result.cancel(true);
      }
    } catch (InterruptedException e) {
      throw scope.interrupted();
    }
  }
}
