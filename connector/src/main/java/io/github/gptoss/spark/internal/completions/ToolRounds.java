package io.github.gptoss.spark.internal.completions;

import io.github.gptoss.engine.Usage;
import java.util.ArrayList;
import java.util.List;

/**
 * What a row's turn has of the generations before its last one, each of which ended with calls that
 * tools answered.
 *
 * @param count how many
 * @param calls of all of them, in order
 * @param spent their tokens
 * @param reasoning of all of them, each on lines of its own; empty where there is none
 * @param commentary the same of the commentary channel
 * @param salvaged whether one of them was read leniently
 */
public record ToolRounds(
    int count,
    List<AnsweredCall> calls,
    Usage spent,
    String reasoning,
    String commentary,
    boolean salvaged) {
  /** Of a turn in which no tool has answered. */
  public static final ToolRounds NONE = new ToolRounds(0, List.of(), Usage.NONE, "", "", false);

  public ToolRounds {
    calls = List.copyOf(calls);
  }

  /**
   * These and one more.
   *
   * @param answered its calls
   * @param usage its tokens
   */
  public ToolRounds and(Said said, List<AnsweredCall> answered, Usage usage) {
    List<AnsweredCall> all = new ArrayList<>(calls);
    all.addAll(answered);
    return new ToolRounds(
        count + 1,
        all,
        RowShare.sum(spent, usage),
        reasoningWith(said),
        commentaryWith(said),
        salvagedWith(said));
  }

  boolean areAny() {
    return count > 0;
  }

  /** All calls of the turn, those of its last generation being left to the user. */
  List<AnsweredCall> callsWith(Said last) {
    List<AnsweredCall> all = new ArrayList<>(calls);
    last.calls().forEach(call -> all.add(AnsweredCall.notRun(call)));
    return all;
  }

  String reasoningWith(Said last) {
    return lines(reasoning, last.reasoning());
  }

  String commentaryWith(Said last) {
    return lines(commentary, last.commentary());
  }

  boolean salvagedWith(Said last) {
    return salvaged || last.salvaged();
  }

  private static String lines(String before, String last) {
    return before.isEmpty() ? last : last == null || last.isEmpty() ? before : before + "\n" + last;
  }
}
