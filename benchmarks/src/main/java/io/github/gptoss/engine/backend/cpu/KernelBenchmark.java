package io.github.gptoss.engine.backend.cpu;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Panels of a matrix of gpt-oss's size, one thread. Every invocation takes the next panel of a
 * matrix that no cache of the second level holds, as a forward pass does.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-XX:+UseParallelGC"})
public class KernelBenchmark {
  /** Of both matrices of a gpt-oss expert. */
  private static final int COLUMNS = 2880;

  private static final int ROWS = 5760;

  /** As {@link Multiplier} decodes them. */
  private static final int DECODED_COLUMNS = PackedMatrix.GROUP;

  @Param({"MXFP4", "BF16"})
  public String format;

  @Param({"vector"})
  public String kernels;

  private Kernels chosen;
  private PackedMatrix matrix;
  private float[] decoded;
  private int panel;

  /** Counts per second, beside the invocations per second. */
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  @State(Scope.Thread)
  public static class Counters {
    /** Weights decoded, or multiply-adds; times two for floating-point operations. */
    public long elements;
  }

  /** Activations, apart so that {@link #decode} is not repeated for each number of tokens. */
  @State(Scope.Thread)
  public static class Activations {
    @Param({"1", "2", "4", "8", "16", "64"})
    public int tokens;

    private float[] x; // tiled

    @Setup
    public void create() {
      x = RandomMatrix.floats(tokens * COLUMNS, new Random(2));
    }
  }

  private Multiplier multiplier;

  @Setup
  public void create() {
    chosen = kernels.equals("scalar") ? new ScalarKernels() : new VectorKernels();
    matrix = RandomMatrix.of(PackedMatrix.Format.valueOf(format), ROWS, COLUMNS, new Random(1));
    decoded = new float[DECODED_COLUMNS * Kernels.PANEL_ROWS];
    multiplier = new Multiplier(chosen);
  }

  /** A whole panel to float32, in the pieces in which it is multiplied. */
  @Benchmark
  public float[] decode(Counters counters) {
    int p = next();
    for (int k = 0; k < COLUMNS; k += DECODED_COLUMNS) {
      chosen.decode(matrix, p, k, Math.min(COLUMNS, k + DECODED_COLUMNS), decoded);
    }
    counters.elements += (long) COLUMNS * Kernels.PANEL_ROWS;
    return decoded;
  }

  /** A whole panel times the activations, by the path that the backend takes for this many. */
  @Benchmark
  public float[] multiply(Activations activations, Counters counters) {
    float[] out =
        multiplier.multiply(matrix, 2 * (next() / 2), 2, activations.x, 0, activations.tokens);
    counters.elements += 2L * COLUMNS * Kernels.PANEL_ROWS * activations.tokens;
    return out;
  }

  private int next() {
    panel = panel + 1 == matrix.panels() ? 0 : panel + 1;
    return panel;
  }
}
