package io.github.gptoss.engine.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptoss.engine.error.InvalidModelException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkersTest {
  private static final long LARGE = 1L << 40;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void throwsWhatAnItemThrowsAndStaysOfUse(int threads) {
    try (Workers workers = new Workers(threads)) {
      for (Throwable failure :
          new Throwable[] {new InvalidModelException("bad"), new OutOfMemoryError("full")}) {
        assertThatThrownBy(
                () ->
                    workers.run(
                        20,
                        LARGE,
                        (item, worker) -> {
                          if (item == 7) {
                            sneak(failure);
                          }
                        }))
            .isSameAs(failure);
        AtomicInteger ran = new AtomicInteger();
        workers.run(20, LARGE, (item, worker) -> ran.incrementAndGet());
        assertThat(ran).hasValue(20);
      }
    }
  }

  private static void sneak(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) failure;
  }
}
