package io.github.gptoss.spark.internal.batch;

import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.engine.Usage;
import io.github.gptoss.engine.constraint.TurnSpec;
import io.github.gptoss.spark.internal.arrow.TokenVector;
import io.github.gptoss.spark.internal.budget.BudgetedRow;
import io.github.gptoss.spark.internal.completions.CompletionVectors;
import io.github.gptoss.spark.internal.completions.Generation;
import io.github.gptoss.spark.internal.completions.RowShare;
import io.github.gptoss.spark.internal.completions.Said;
import io.github.gptoss.spark.internal.completions.ToolRounds;
import io.github.gptoss.spark.internal.prompts.PromptRow;
import io.github.gptoss.spark.internal.prompts.RequestTemplate;
import io.github.gptoss.spark.tools.ToolResult;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A row between its being read and its leaving with its completion. */
final class InFlightRow {
  final AskingRow row;

  /** Whether the row asks for a completion; one that does not leaves without. */
  boolean asks = true;

  long weight;

  /** What the row asks now; at first what the table holds. Null where it asks nothing. */
  PromptRow asked;

  /** The functions that the prompt tells the model of, where tools answer. */
  List<String> told = List.of();

  /** What the turn has of generations whose calls tools have answered. */
  ToolRounds rounds = ToolRounds.NONE;

  /** A generation whose calls tools are answering; null for most. */
  PendingCalls pending;

  /** What the messages take that the turn has grown by. */
  long followedBytes;

  /** How the prompt is to be continued, until the row is submitted. */
  RequestTemplate template;

  /** The form of the answer, until the row is submitted. */
  TurnSpec turn;

  /** How the row is answered part by part; null for most. */
  Reduction reduction;

  /** The row of which this is a part, and which one; null for most. */
  InFlightRow whole;

  int part;

  /** How many samples the row has. */
  int count = 1;

  /** The row's samples while they are made; null for most. */
  Samples samples;

  /** The row of which this is a sample; null for most. */
  InFlightRow sampleOf;

  /** Which of its row's samples this is; 0 for a row that has one. */
  int sample;

  /** What the row's first generation took; null while there is none. */
  Usage first;

  /** The parts or samples that have been submitted and wait; empty for most. */
  final List<InFlightRow> parts = new ArrayList<>();

  /** The reasoning effort that the prompt says; null where none applies. */
  String effort;

  /** What attempts took whose completion did not do. */
  Usage earlier = RowShare.NOTHING;

  /** What the budget knows of the row; its parts and samples have the same. */
  BudgetedRow budgeted = new BudgetedRow();

  /** Why the row cannot be served, until that is written as its completion. */
  GenerationResult refusal;

  /** The prompt's ids, as long as they are needed. */
  RowBatches.Place<TokenVector> prompt;

  /** What the row waits for; null where the completion was there at once. */
  Generation.Ticket ticket;

  /** The completion, once it is there. */
  RowBatches.Place<CompletionVectors> completion;

  /** Why the completion is an error; null where it is none. */
  String errorCode;

  InFlightRow(AskingRow row) {
    this.row = row;
    asked = row.prompt();
  }

  /** A generation of the row took this; its first one is remembered. */
  void rememberFirst(Usage usage) {
    if (first == null) {
      first = usage;
    }
  }

  /** One of the row's samples, which has all that the row has of its prompt. */
  InFlightRow sample(int index) {
    InFlightRow one = new InFlightRow(row);
    one.sampleOf = this;
    one.asked = asked;
    one.told = told;
    one.sample = index;
    one.template = template.sample(index);
    one.turn = turn;
    one.effort = effort;
    one.prompt = prompt.shared();
    one.budgeted = budgeted;
    return one;
  }

  /** The row that is held in the window: this, or the one of which it is a sample. */
  InFlightRow held() {
    return sampleOf == null ? this : sampleOf;
  }

  /**
   * What is known while tools answer.
   *
   * @param tokens that were generated
   * @param results is completed by the tools' thread, before the row is handed back
   */
  record PendingCalls(
      int[] tokens, Said said, Usage usage, CompletableFuture<List<ToolResult>> results) {}

  /** Stops what the row waits for. */
  void cancel() {
    if (ticket != null) {
      ticket.cancel();
    }
    parts.forEach(InFlightRow::cancel);
  }

  /** Whether the row can leave now. */
  boolean isFinished() {
    return completion != null || !asks;
  }

  /** Null where the row asks nothing that can be served, or the ids were forgotten. */
  IntBuffer promptIds() {
    return prompt == null ? null : prompt.vectors().row(prompt.row());
  }

  int promptTokens() {
    return promptIds().remaining();
  }

  void forgetPrompt() {
    if (prompt != null) {
      prompt.leave();
      prompt = null;
    }
  }
}
