package io.github.gptoss.engine;

import io.github.gptoss.engine.backend.SampleRow;
import java.util.concurrent.ExecutorService;

/** Who wants a row of a step's logits. */
interface LogitsUser {
  /** Begins what {@link #sampling} needs, unless it has begun, while the device computes. */
  void prepareSampling(ExecutorService workers);

  /** What is wanted of the row. */
  SampleRow sampling();
}
