package io.github.gptoss.engine.backend.cpu;

import io.github.gptoss.engine.error.InvalidModelException;
import io.github.gptoss.engine.tensor.DType;
import io.github.gptoss.engine.tensor.StoredTensor;
import java.nio.ByteBuffer;

/** Rows of the embedding, read from the checkpoint's mapping as they are needed. */
final class EmbeddingTable {
  private final DType dtype;
  private final int width;
  private final ByteBuffer rows;

  /** Reads a table [vocabulary, hidden] bf16, f16 or f32. */
  EmbeddingTable(StoredTensor table) {
    requireMappable(table);
    width = Math.toIntExact(table.dim(1));
    rows = table.map();
    dtype = table.dtype();
  }

  /** A table is one mapping, which the real model's fits unless it is in F32. */
  static void requireMappable(StoredTensor table) {
    if (table.bytes() > Integer.MAX_VALUE) {
      throw new InvalidModelException(
          ("%s: tensor '%s' takes %d bytes as %s, and the CPU backend maps at most 2147483647 of"
                  + " it: save the checkpoint in BF16")
              .formatted(table.file(), table.name(), table.bytes(), table.dtype()));
    }
  }

  void read(int token, float[] out, int offset) {
    int from = token * width * dtype.bytes();
    for (int i = 0; i < width; i++) {
      out[offset + i] = dtype.floatAt(rows, from + i * dtype.bytes());
    }
  }
}
