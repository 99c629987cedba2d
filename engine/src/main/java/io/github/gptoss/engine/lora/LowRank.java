package io.github.gptoss.engine.lora;

import io.github.gptoss.engine.tensor.StoredTensor;

/**
 * What an adapter adds to one matrix, or to one for each expert: y += scale * B (A x), of rank r.
 * Both tensors are bf16, f32 or f16, each for itself.
 *
 * <p>PEFT lays out experts' matrices as if they were one: row {@code e * r + i} of A is row i of
 * expert e's, but column {@code i * experts + e} of B is column i of expert e's. Source:
 * peft/tuners/lora/layer.py, ParamWrapper.get_delta_weight.
 *
 * @param experts 1 where the matrix is not the experts'
 * @param scale alpha / r, or alpha / sqrt(r) where the adapter is rank-stabilized
 * @param a [experts * r, inputs]
 * @param b [outputs, r * experts]
 */
public record LowRank(int rank, int experts, float scale, StoredTensor a, StoredTensor b) {
  public int inputs() {
    return Math.toIntExact(a.dim(1));
  }

  public int outputs() {
    return Math.toIntExact(b.dim(0));
  }

  /** Row of {@link #a} that is row {@code i} of an expert's matrix. */
  public int rowOfA(int expert, int i) {
    return expert * rank + i;
  }

  /** Column of {@link #b} that is column {@code i} of an expert's matrix. */
  public int columnOfB(int expert, int i) {
    return i * experts + expert;
  }

  /** Bytes of both tensors. */
  public long bytes() {
    return a.bytes() + b.bytes();
  }
}
