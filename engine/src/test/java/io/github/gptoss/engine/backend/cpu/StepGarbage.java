package io.github.gptoss.engine.backend.cpu;

import com.sun.management.ThreadMXBean;
import io.github.gptoss.engine.backend.Capacity;
import io.github.gptoss.engine.backend.Step;
import io.github.gptoss.engine.transformer.Transformer;
import io.github.gptoss.engine.weights.Checkpoint;
import io.github.gptoss.engine.weights.RandomCheckpoint;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Runs steps of a layer of gpt-oss's own widths in the JVM that it is started in, and prints the
 * bytes that a step leaves to the garbage collector once its loops are compiled. A vector that the
 * JIT keeps in a register leaves none; one that it boxes leaves a hundred.
 */
final class StepGarbage {
  private static final int[] SEQUENCES = {1, 2, 8, 40};
  private static final int WARM_UP = 60;
  private static final int MEASURED = 10;

  /** Of which the least counts, since on a busy machine compilation may come late. */
  private static final int WINDOWS = 3;

  private StepGarbage() {}

  /**
   * @param args a folder for the model
   */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    RandomCheckpoint.write(
        folder,
        """
        {"model_type": "gpt_oss", "num_hidden_layers": 1, "num_local_experts": 8,
         "vocab_size": 1024, "eos_token_id": 2, "pad_token_id": 1,
         "quantization_config": {"quant_method": "mxfp4"}}\
        """,
        1);
    int most = Arrays.stream(SEQUENCES).max().orElseThrow();
    try (Workers workers = new Workers(2);
        Checkpoint checkpoint = Checkpoint.open(folder);
        CpuModel model = new CpuModel(checkpoint, List.of(), new VectorKernels(), workers)) {
      Transformer transformer =
          new Transformer(
              model.allocate(new Capacity(most, 32, most, most)),
              checkpoint.config(),
              most,
              model.logitsRows());
      for (int i = 0; i < WARM_UP; i++) {
        steps(transformer);
      }
      long least = Long.MAX_VALUE;
      for (int window = 0; window < WINDOWS; window++) {
        long before = allocated();
        for (int i = 0; i < MEASURED; i++) {
          steps(transformer);
        }
        least = Math.min(least, (allocated() - before) / (MEASURED * SEQUENCES.length));
      }
      System.out.println("bytes a step: " + least);
    }
  }

  /** Steps of so many sequences' first tokens: tiles of each width. */
  private static void steps(Transformer transformer) {
    for (int n : SEQUENCES) {
      int[] each = IntStream.range(0, n).toArray();
      int[] starts = IntStream.rangeClosed(0, n).toArray();
      int[] ids = IntStream.range(0, n).map(i -> 3 + i).toArray();
      Step step = new Step(n, ids, new int[n], n, starts, 32, starts, each, 1, each, n, each);
      transformer.forward(step);
      transformer.logits(step, (index, row) -> {});
    }
  }

  private static long allocated() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    return Arrays.stream(threads.getThreadAllocatedBytes(threads.getAllThreadIds())).sum();
  }
}
