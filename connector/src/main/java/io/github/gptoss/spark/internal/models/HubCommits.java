package io.github.gptoss.spark.internal.models;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Remembers for a minute which commit a branch or tag names. Planning one query may ask many times,
 * and a hub limits the rate of requests.
 */
final class HubCommits {
  private static final long FRESH_NANOS = 60_000_000_000L;
  private static final ConcurrentHashMap<Question, Answer> ANSWERS = new ConcurrentHashMap<>();

  private HubCommits() {}

  private record Question(ModelAddress.Hub at, HubSettings settings) {}

  private record Answer(String commit, long nanos) {
    boolean isFresh() {
      return System.nanoTime() - nanos < FRESH_NANOS;
    }
  }

  static String current(ModelAddress.Hub at, HubSettings settings, Supplier<String> hub) {
    Question question = new Question(at, settings);
    Answer answer = ANSWERS.get(question);
    if (answer == null || !answer.isFresh()) {
      ANSWERS.values().removeIf(old -> !old.isFresh());
      answer = new Answer(hub.get(), System.nanoTime());
      ANSWERS.put(question, answer);
    }
    return answer.commit();
  }
}
