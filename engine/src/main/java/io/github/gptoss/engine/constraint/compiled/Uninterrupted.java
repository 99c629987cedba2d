package io.github.gptoss.engine.constraint.compiled;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** Waits for what is needed whether or not the thread is interrupted meanwhile. */
public final class Uninterrupted {
  private Uninterrupted() {}

  /** Waits for a result; an interrupt is handed on afterwards. */
  public static <T> T get(Future<T> future) throws ExecutionException {
    boolean wasInterrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          wasInterrupted = true;
        }
      }
    } finally {
      if (wasInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
