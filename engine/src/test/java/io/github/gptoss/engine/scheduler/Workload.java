package io.github.gptoss.engine.scheduler;

import java.util.ArrayList;
import java.util.List;

/** Requests for a {@link Simulation}. */
record Workload(List<Request> requests) {
  /**
   * One request.
   *
   * @param logitsFrom first scored position, or -1 for a generating request
   * @param offerStep step before which it is offered
   * @param cancelStep step in which it is cancelled, or -1
   * @param cancelInFlight whether it is cancelled between schedule and advance
   * @param adapter what its keys and values also depend on
   */
  record Request(
      int id,
      List<Integer> prompt,
      int maxNewTokens,
      int logitsFrom,
      int offerStep,
      int cancelStep,
      boolean cancelInFlight,
      int adapter) {
    static Request generating(int id, List<Integer> prompt, int maxNewTokens) {
      return new Request(id, prompt, maxNewTokens, -1, 0, -1, false, 0);
    }

    boolean isScoring() {
      return logitsFrom >= 0;
    }

    int maxLength() {
      return prompt.size() + maxNewTokens;
    }

    Request alone() {
      return new Request(id, prompt, maxNewTokens, logitsFrom, 0, -1, false, adapter);
    }

    Request with(int adapter) {
      return new Request(
          id, prompt, maxNewTokens, logitsFrom, offerStep, cancelStep, cancelInFlight, adapter);
    }

    Sequence toSequence() {
      int[] tokens = prompt.stream().mapToInt(Integer::intValue).toArray();
      return isScoring()
          ? Sequence.scoring(id, tokens, logitsFrom, adapter)
          : Sequence.generating(id, tokens, maxNewTokens, adapter);
    }
  }

  static List<Integer> tokens(int from, int count) {
    List<Integer> tokens = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      tokens.add(from + i);
    }
    return tokens;
  }

  static List<Integer> concat(List<Integer> head, List<Integer> tail) {
    List<Integer> all = new ArrayList<>(head);
    all.addAll(tail);
    return all;
  }

  int maxLength() {
    return requests.stream().mapToInt(Request::maxLength).max().orElse(1);
  }
}
