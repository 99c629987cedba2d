package io.github.gptoss.engine.weights;

import io.github.gptoss.engine.tensor.StoredTensor;

/**
 * MXFP4 expert matrices, logical shape [experts, rows, cols], cols % 32 == 0: E2M1 codes in blocks
 * of 32 that share a power-of-two scale. Source: OCP Microscaling spec 1.0;
 * gpt_oss/torch/weights.py.
 *
 * @param blocks [experts, rows, cols/32, 16] u8, element 2j of a block in the low nibble of byte j
 * @param scales [experts, rows, cols/32] u8, value = code * 2^(scale - 127); 255 is NaN
 */
public record Mxfp4Experts(StoredTensor blocks, StoredTensor scales) implements ExpertMatrix {
  /** Elements that share a scale. */
  public static final int BLOCK_ELEMENTS = 32;

  /** Bytes of one block's codes. */
  public static final int BLOCK_BYTES = 16;

  @Override
  public int experts() {
    return Math.toIntExact(scales.dim(0));
  }

  @Override
  public int rows() {
    return Math.toIntExact(scales.dim(1));
  }

  @Override
  public int cols() {
    return Math.toIntExact(scales.dim(2) * BLOCK_ELEMENTS);
  }

  @Override
  public long bytes() {
    return blocks.bytes() + scales.bytes();
  }
}
