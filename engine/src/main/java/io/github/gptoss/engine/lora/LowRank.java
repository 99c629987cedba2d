package io.github.gptoss.engine.lora;

import io.github.gptoss.engine.tensor.StoredTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

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
  private static final int READ_BYTES = 1 << 20;

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

  /**
   * Reads both tensors and fails where a value is not finite.
   *
   * @throws io.github.gptoss.engine.error.InvalidModelException with the tensor's name
   */
  public void requireFinite() {
    for (StoredTensor tensor : List.of(a, b)) {
      int elementBytes = tensor.dtype().bytes();
      ByteBuffer bytes =
          ByteBuffer.allocate((int) Math.min(READ_BYTES, tensor.bytes()))
              .order(ByteOrder.LITTLE_ENDIAN);
      for (long from = 0; from < tensor.bytes(); from += bytes.capacity()) {
        int read = tensor.read(bytes.clear(), from);
        for (int at = 0; at < read; at += elementBytes) {
          if (!Float.isFinite(tensor.dtype().floatAt(bytes, at))) {
            throw AdapterErrors.notFinite(tensor);
          }
        }
      }
    }
  }

  /** Bytes of both tensors. */
  public long bytes() {
    return a.bytes() + b.bytes();
  }
}
