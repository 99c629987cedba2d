package io.github.gptoss.engine.backend.cpu;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What attention does for one key head over the blocks of a sequence, in panels of gpt-oss's size:
 * head dimension 64, blocks of 32 tokens, one thread.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-XX:+UseParallelGC"})
public class AttentionKernelBenchmark {
  private static final int HEAD_DIM = 64;
  private static final int BLOCK_TOKENS = 32;

  /** A window of 128 and a long context. */
  @Param({"128", "4096"})
  public int keys;

  /** Queries times the heads that share a key head: a decoded token, and a chunk of a prompt. */
  @Param({"8", "128"})
  public int rows;

  private final Kernels kernels = new VectorKernels();
  private float[][] keyBlocks;
  private float[][] valueBlocks;
  private float[] queries;
  private int[] queryOffsets;
  private int[] scoreOffsets;
  private float[] scores;
  private float[] weights;
  private float[] attended;
  private int stride;

  @Setup(Level.Trial)
  public void create() {
    Random random = new Random(3);
    int blocks = keys / BLOCK_TOKENS;
    keyBlocks = new float[blocks][];
    valueBlocks = new float[blocks][];
    for (int b = 0; b < blocks; b++) {
      keyBlocks[b] = RandomMatrix.floats(HEAD_DIM * BLOCK_TOKENS, random);
      valueBlocks[b] = RandomMatrix.floats(HEAD_DIM * BLOCK_TOKENS, random);
    }
    stride = keys + Kernels.PANEL_ROWS;
    queries = RandomMatrix.floats(rows * HEAD_DIM, random);
    scores = new float[rows * stride];
    weights = RandomMatrix.floats(rows * stride, random);
    attended = new float[rows * HEAD_DIM];
    queryOffsets = new int[rows];
    scoreOffsets = new int[rows];
    for (int r = 0; r < rows; r++) {
      queryOffsets[r] = r * HEAD_DIM;
      scoreOffsets[r] = r * stride;
    }
  }

  /** Queries times keys: panels of 32 keys, 64 columns. */
  @Benchmark
  public float[] scores() {
    for (int b = 0; b < keyBlocks.length; b++) {
      kernels.multiply(
          keyBlocks[b],
          0,
          HEAD_DIM,
          queries,
          queryOffsets,
          0,
          0,
          rows,
          scores,
          b * BLOCK_TOKENS,
          stride,
          false);
    }
    return scores;
  }

  /** Weights times values: panels of 32 dimensions, 32 columns. */
  @Benchmark
  public float[] values() {
    for (int b = 0; b < valueBlocks.length; b++) {
      for (int d = 0; d < HEAD_DIM; d += Kernels.PANEL_ROWS) {
        kernels.multiply(
            valueBlocks[b],
            d * BLOCK_TOKENS,
            BLOCK_TOKENS,
            weights,
            scoreOffsets,
            0,
            b * BLOCK_TOKENS,
            rows,
            attended,
            d,
            HEAD_DIM,
            b > 0);
      }
    }
    return attended;
  }

  /** Exponentials and their sums, a copy of the scores included. */
  @Benchmark
  public float softmax() {
    System.arraycopy(weights, 0, scores, 0, scores.length);
    float sum = 0;
    for (int r = 0; r < rows; r++) {
      float max = kernels.max(scores, r * stride, keys);
      sum += kernels.expAndSum(scores, r * stride, keys, max);
    }
    return sum;
  }
}
