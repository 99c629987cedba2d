package io.github.gptoss.spark.internal.journal;

import io.github.gptoss.engine.GenerationResult;
import io.github.gptoss.spark.internal.arrow.ArrowMemory;
import io.github.gptoss.spark.internal.completions.CompletionKey;
import io.github.gptoss.spark.internal.completions.CompletionVectors;
import io.github.gptoss.spark.internal.completions.RowShare;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FixedSizeBinaryVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/** Completions and what each is the completion of, in Arrow's memory. Not thread-safe. */
final class Segment implements AutoCloseable {
  private static final long MOST_BYTES = 4L << 20;
  private static final int MOST_ROWS = 4096;

  private static final String KEY = "key";
  private static final String COMPLETION = "completion";

  /** Token ids are in it even if no row is to have them, since another run's rows may be. */
  static final Schema SCHEMA =
      new Schema(
          List.of(
              new Field(
                  KEY,
                  FieldType.notNullable(new ArrowType.FixedSizeBinary(CompletionKey.BYTES)),
                  null),
              CompletionVectors.sampleField(COMPLETION, true)));

  private final BufferAllocator memory;
  private final FixedSizeBinaryVector keys;
  private final CompletionVectors completions;

  /** An empty one. */
  Segment() {
    memory = ArrowMemory.newChild("gptoss-journal");
    keys = new FixedSizeBinaryVector(SCHEMA.findField(KEY), memory);
    completions = CompletionVectors.ofSamples(true, memory);
  }

  /** Takes over the memory of a record batch of {@link #SCHEMA}. */
  Segment(VectorSchemaRoot batch, BufferAllocator memory) {
    this.memory = memory;
    keys = (FixedSizeBinaryVector) batch.getVector(KEY);
    completions =
        new CompletionVectors((StructVector) batch.getVector(COMPLETION), batch.getRowCount());
  }

  void append(CompletionKey key, GenerationResult result) {
    append(key);
    completions.append(result, RowShare.NONE);
  }

  /** Appends a completion of another segment. */
  void append(Segment from, int row) {
    append(from.key(row));
    completions.append(from.completions, row, from.completions.usage(row), RowShare.NONE);
  }

  private void append(CompletionKey key) {
    ByteBuffer bytes = ByteBuffer.allocate(CompletionKey.BYTES);
    key.write(bytes);
    keys.setSafe(completions.rows(), bytes.array());
  }

  /** Whether it is to be written before more is appended. */
  boolean isFull() {
    return rows() >= MOST_ROWS || appendedBytes() >= MOST_BYTES;
  }

  int rows() {
    return completions.rows();
  }

  /** Bytes of what was appended, roughly. */
  long appendedBytes() {
    return completions.bytes() + (long) CompletionKey.BYTES * rows();
  }

  /** Memory that the segment takes. */
  long allocatedBytes() {
    return memory.getAllocatedMemory();
  }

  CompletionKey key(int row) {
    return CompletionKey.read(ByteBuffer.wrap(keys.get(row)));
  }

  boolean hasKey(int row, CompletionKey key) {
    return key(row).equals(key);
  }

  CompletionVectors completions() {
    return completions;
  }

  int outputTokens(int row) {
    return completions.usage(row).outputTokens();
  }

  /** The segment as a record batch; closed with the segment. */
  VectorSchemaRoot batch() {
    StructVector values = completions.vector();
    keys.setValueCount(rows());
    return new VectorSchemaRoot(SCHEMA.getFields(), List.of(keys, values), rows());
  }

  @Override
  public void close() {
    keys.close();
    completions.close();
    memory.close();
  }
}
